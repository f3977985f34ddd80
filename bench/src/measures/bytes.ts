import { readFile } from 'node:fs/promises';
import { loadSequentialTrace } from '../../../test/harness/trace-file.ts';
import type { Entrant } from '../contest.ts';
import { holdContest } from '../contest.ts';
import { agentWorld, codeMirrorDurable } from '../contestants.ts';
import type { Measure } from '../measure.ts';
import { notMeasured } from '../measure.ts';

const file = 'typed.txt';

/** What one one-character op costs in the row that stores it and on the disk. */
export const measureBytes: Measure = async (options) => {
  const { endContent } = await loadSequentialTrace('sveltecomponent');
  const keystrokes = options.quick ? 500 : 2_000;
  const contestants = [agentWorld, codeMirrorDurable];
  return holdContest(contestants, { [file]: endContent }, options, async (contest) => {
    const remarks = [...contest.remarks];
    if (process.platform !== 'linux') remarks.push('bytes written are measured on Linux only');
    const costs = new Map<string, readonly [onDisk: number | undefined, row: number | undefined]>();
    for (const entrant of contest.entrants) {
      const onDisk = await diskBytesPerKeystroke(entrant, keystrokes);
      costs.set(entrant.contestant.label, [onDisk, await entrant.server.rowBytesPerKeystroke?.()]);
    }
    const [onDisk, row] = costs.get(agentWorld.label) ?? [];
    const shared = { measure: 'bytes', unit: ' B', better: 'lower' } as const;
    return {
      remarks,
      figures: [
        {
          ...shared,
          label: 'row of a one-character op',
          ours: bytes(row),
          peer: '',
          value: row,
          must: 1536,
          aim: 800,
        },
        {
          ...shared,
          label: 'database bytes written per op',
          ours: bytes(onDisk),
          peer: '',
          value: onDisk,
          must: 24 * 1024,
          aim: 6 * 1024,
        },
      ],
      comparison: {
        title: 'Bytes written to disk per keystroke, one commit each',
        columns: ['', 'bytes'],
        rows: [...costs].map(([label, [written]]) => [label, bytes(written)]),
      },
    };
  });
};

async function diskBytesPerKeystroke(
  { server, typeInTurns }: Entrant,
  keystrokes: number,
): Promise<number | undefined> {
  const before = await writtenBytes(server.processId);
  await typeInTurns(file, keystrokes);
  const after = await writtenBytes(server.processId);
  if (before === undefined || after === undefined) return undefined;
  return (after - before) / keystrokes;
}

/**
 * What a process has caused to be written to block devices, in whole pages; sockets do not count.
 * See `write_bytes` in proc_pid_io(5).
 */
async function writtenBytes(processId: number): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined;
  const accounts = await readFile(`/proc/${processId}/io`, 'utf8');
  const value = /^write_bytes: (\d+)$/m.exec(accounts)?.[1];
  return value === undefined ? undefined : Number(value);
}

function bytes(value: number | undefined): string {
  return value === undefined ? notMeasured : `${Math.round(value).toLocaleString('en')} B`;
}
