import type { Child } from '../child-process.ts';
import { startChild } from '../child-process.ts';
import { agentWorldFold, yjsFold } from '../contestants.ts';
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
    const oursMs: number[] = [];
    const yjsMs: number[] = [];
    for (let round = 0; round <= Math.min(rounds, 5); round++) {
      const yjsRoundMs = await yjs.request({ kind: 'run' });
      const oursRoundMs = await ours?.request({ kind: 'run' });
      if (round === 0) continue;
      yjsMs.push(yjsRoundMs);
      if (oursRoundMs !== undefined) oursMs.push(oursRoundMs);
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
    };
  } finally {
    await Promise.all(started.map((child) => child.stop()));
  }
};

function startFoldProcess(): Child<FoldRequest, FoldResponse> {
  return startChild(new URL('../fold-process.ts', import.meta.url), ['--expose-gc']);
}
