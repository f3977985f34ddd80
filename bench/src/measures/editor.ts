import { fileURLToPath } from 'node:url';
import type { JudgedFigure, Measure, MeasureOptions } from '../measure.ts';
import { NOT_WORSE, notMeasured } from '../measure.ts';
import { median, pairedRatio } from '../statistics.ts';
import { type EditorTiming, readTiming, windowTimings } from '../window-timings.ts';

type ChangeTiming = Pick<EditorTiming, 'changeEventMs' | 'changeEventProcessorMs'>;

/** Among ten agents at work, with two hundred of their changes to look at. */
interface ReviewTiming extends ChangeTiming {
  /** The longest stretch for which the extension host was kept, of each 300 ms. */
  readonly updateMs: { readonly p95: number };
  /** The same with nothing to look at. */
  readonly without: Omit<ReviewTiming, 'without'>;
}

const here = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * How long the extension keeps VS Code waiting, as its own test run has measured it; beside the build before
 * where there is one.
 */
export const measureEditor: Measure = async (options) => {
  const besideBefore = await ratiosToBefore(options);
  const timing = await readTiming<EditorTiming>(here, 'editor-timings.json');
  const crowded = await readTiming<ChangeTiming>(here, 'presence-timings.json');
  const review = await readTiming<ReviewTiming>(here, 'review-timings.json');
  const activationMs = timing && Math.max(...timing.activationMs);
  const shared = { measure: 'editor', unit: ' ms', better: 'lower', peer: '' } as const;
  return {
    remarks: timing
      ? []
      : ['the editor’s timing comes from `npm test`, which has not left any here'],
    figures: [
      ...besideBefore,
      {
        ...shared,
        label: 'extension activation, slower of two windows',
        ours: milliseconds(activationMs),
        value: activationMs,
        must: 150,
        aim: 50,
      },
      {
        ...shared,
        label: 'synchronous time in a change event, p99',
        ours: milliseconds(timing?.changeEventMs.p99),
        value: timing?.changeEventMs.p99,
        must: 4,
        aim: 1,
      },
      {
        ...shared,
        label: 'the same in a file of 1 MB where 50 cursors move, p99',
        ours: milliseconds(crowded?.changeEventMs.p99),
        value: crowded?.changeEventMs.p99,
        must: 4,
        aim: 1,
      },
      {
        ...shared,
        label: 'what of that the thread ran and did not wait for a processor, p99',
        ours: milliseconds(crowded?.changeEventProcessorMs?.p99),
        value: crowded?.changeEventProcessorMs?.p99,
        must: 4,
        aim: 1,
      },
      {
        ...shared,
        label: 'a change event among 10 agents at work and 200 unreviewed hunks in 50 files, p99',
        ours: milliseconds(review?.changeEventMs.p99),
        peer: without(review?.without.changeEventMs.p99),
        value: review?.changeEventMs.p99,
        must: 4,
        aim: 1,
      },
      {
        ...shared,
        label: 'for how long an update keeps the extension host there, p95',
        ours: milliseconds(review?.updateMs.p95),
        peer: without(review?.without.updateMs.p95),
        value: review?.updateMs.p95,
        must: 16,
        aim: 8,
      },
    ],
  };
};

function without(value: number | undefined): string {
  return value === undefined ? '' : `without unreviewed work: ${milliseconds(value)}`;
}

/** Both checkouts type in windows of their own in turns, each by its own test. */
async function ratiosToBefore({
  folderBefore,
  rounds,
  quick,
}: MeasureOptions): Promise<readonly JudgedFigure[]> {
  if (folderBefore === undefined) return [];
  const [ours, theirs]: [EditorTiming[], EditorTiming[]] = [[], []];
  for (let round = 0; round < (quick ? 1 : rounds); round++) {
    const turns = [[here, ours] as const, [folderBefore, theirs] as const];
    for (const [folder, timings] of round % 2 === 0 ? turns : turns.toReversed()) {
      timings.push(await windowTimings(folder));
    }
  }
  return BESIDE_BEFORE.map(({ label, of }) => {
    const [mine, before] = [ours.map(of), theirs.map(of)];
    return {
      measure: 'editor',
      label: `${label} ÷ the build before`,
      ours: milliseconds(median(mine)),
      peer: `before: ${milliseconds(median(before))}`,
      value: pairedRatio(mine, before),
      unit: '×',
      better: 'lower',
      ...NOT_WORSE,
    };
  });
}

const BESIDE_BEFORE: readonly {
  readonly label: string;
  readonly of: (timing: EditorTiming) => number;
}[] = [
  {
    label: 'synchronous time in a change event of two windows that type, p50',
    of: ({ changeEventMs }) => changeEventMs.p50,
  },
  { label: 'the same, p99', of: ({ changeEventMs }) => changeEventMs.p99 },
  {
    label: 'extension activation, mean of two windows',
    of: ({ activationMs }) => activationMs.reduce((sum, ms) => sum + ms, 0) / activationMs.length,
  },
];

function milliseconds(value: number | undefined): string {
  return value === undefined ? notMeasured : `${value.toFixed(2)} ms`;
}
