import { HEAVY_CALLS, IMPORT_OF_A_MEBIBYTE } from '../heavy-calls.ts';
import type { HeavyCall } from '../heavy-worlds.ts';
import type { Measure } from '../measure.ts';
import { median } from '../statistics.ts';

/** How long the slowest call of each reducer keeps a world, against an import of a mebibyte. */
export const measureWork: Measure = async ({ rounds, quick }) => {
  const importMs: number[] = [];
  const slowest = new Map<string, number>();
  const count = quick ? 1 : Math.min(rounds, 3);
  await timed(IMPORT_OF_A_MEBIBYTE);
  for (let round = 0; round < count; round++) {
    importMs.push((await timed(IMPORT_OF_A_MEBIBYTE)).milliseconds);
    for (const [name, calls] of Object.entries(HEAVY_CALLS)) {
      for (const call of calls) {
        const { milliseconds, code } = await timed(call);
        const key = code === 'ok' ? name : `${name}, refused: ${code}`;
        slowest.set(key, Math.max(slowest.get(key) ?? 0, milliseconds));
      }
    }
    importMs.push((await timed(IMPORT_OF_A_MEBIBYTE)).milliseconds);
  }
  const unit = median(importMs);
  const rows = [...slowest].sort(([, one], [, other]) => other - one);
  const [worst, worstMs] = rows[0]!;
  return {
    figures: [
      {
        measure: 'work',
        label: 'slowest call of any reducer',
        ours: `${worst}: ${worstMs.toFixed(0)} ms`,
        peer: `import of 1 MiB: ${unit.toFixed(0)} ms`,
        value: worstMs / unit,
        unit: '×',
        must: 40,
        aim: 20,
        better: 'lower',
      },
    ],
    comparison: {
      title: 'The slowest call of each reducer, against an import of 1 MiB',
      columns: ['', 'takes', '÷ an import of 1 MiB'],
      rows: rows.map(([name, ms]) => [name, `${ms.toFixed(1)} ms`, (ms / unit).toFixed(2)]),
    },
    remarks: [],
  };
};

async function timed(make: HeavyCall): Promise<{ milliseconds: number; code: string }> {
  const call = await make();
  const startedAt = performance.now();
  const { code } = call();
  return { milliseconds: performance.now() - startedAt, code };
}
