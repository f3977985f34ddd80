import type { Child } from '../child-process.ts';
import { startChild } from '../child-process.ts';
import { agentWorldFold, agentWorldRowFold, yjsFold } from '../contestants.ts';
import type { FoldRequest, FoldResponse } from '../fold-process.ts';
import type { Measure } from '../measure.ts';
import { notMeasured } from '../measure.ts';
import { median, pairedRatio } from '../statistics.ts';
import type { SubjectReference } from '../subject.ts';

/** Reading a whole history from its stored bytes: ours verifies it on the way, Yjs only applies it. */
export const measureFold: Measure = async ({ rounds, quick }) => {
  const trace = quick ? 'sveltecomponent' : 'automerge-paper';
  const started: Child<FoldRequest, FoldResponse>[] = [];
  const remarks: string[] = [];
  const start = async (fold: SubjectReference) => {
    const child = startFoldProcess();
    started.push(child);
    await child.request({ kind: 'prepare', fold, trace });
    return child;
  };
  try {
    const yjs = await start(yjsFold);
    const ours = await start(agentWorldFold).catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== 'NotBuiltError') throw error;
      remarks.push(error.message);
      return undefined;
    });
    const rows = ours && (await start(agentWorldRowFold));
    const oursMs: number[] = [];
    const rowsMs: number[] = [];
    const yjsMs: number[] = [];
    for (let round = 0; round <= Math.min(rounds, 5); round++) {
      const yjsRoundMs = await yjs.request({ kind: 'run' });
      const oursRoundMs = await ours?.request({ kind: 'run' });
      const rowsRoundMs = await rows?.request({ kind: 'run' });
      if (round === 0) continue;
      yjsMs.push(yjsRoundMs);
      if (oursRoundMs !== undefined) oursMs.push(oursRoundMs);
      if (rowsRoundMs !== undefined) rowsMs.push(rowsRoundMs);
    }
    return {
      remarks,
      figures: [
        {
          measure: 'fold',
          label: `verified fold of ${trace}`,
          ours: ours ? `${Math.round(median(oursMs))} ms` : notMeasured,
          peer: `Yjs replay: ${Math.round(median(yjsMs))} ms`,
          value: ours && pairedRatio(oursMs, yjsMs),
          unit: '×',
          must: 1,
          aim: 0.5,
          better: 'lower',
        },
      ],
      comparison: {
        title: `Reading the history of ${trace}`,
        columns: ['', 'time', 'ratio to Yjs'],
        rows: [
          describe('Agent World, verified, from an archive', oursMs, yjsMs),
          describe('Agent World, verified, from rows read by the client library', rowsMs, yjsMs),
          describe('Yjs, its update log', yjsMs, yjsMs),
        ],
      },
    };
  } finally {
    await Promise.all(started.map((child) => child.stop()));
  }
};

function describe(label: string, timesMs: readonly number[], yjsMs: readonly number[]): string[] {
  if (timesMs.length === 0) return [label, notMeasured, notMeasured];
  return [label, `${Math.round(median(timesMs))} ms`, `${pairedRatio(timesMs, yjsMs).toFixed(2)}×`];
}

function startFoldProcess(): Child<FoldRequest, FoldResponse> {
  return startChild(new URL('../fold-process.ts', import.meta.url), ['--expose-gc']);
}
