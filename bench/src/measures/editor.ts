import { readFile } from 'node:fs/promises';
import type { Measure } from '../measure.ts';
import { notMeasured } from '../measure.ts';

/** Written by the tests in a real VS Code, which this bench does not start. Milliseconds. */
export interface EditorTiming {
  /** As VS Code reports it, one for each window. */
  readonly activationMs: readonly number[];
  /** Percentiles of the synchronous time spent in one text change event. */
  readonly changeEventMs: { readonly p50: number; readonly p99: number };
  /** What of it the thread ran; left out by runtimes that cannot tell. */
  readonly changeEventProcessorMs?: { readonly p50: number; readonly p99: number };
  readonly changeEvents: number;
}

type ChangeTiming = Pick<EditorTiming, 'changeEventMs' | 'changeEventProcessorMs'>;

/** Among ten agents at work, with two hundred of their changes to look at. */
interface ReviewTiming extends ChangeTiming {
  /** The longest stretch for which the extension host was kept, of each 300 ms. */
  readonly updateMs: { readonly p95: number };
  /** The same with nothing to look at. */
  readonly without: Omit<ReviewTiming, 'without'>;
}

const results = new URL('../../../test-results/', import.meta.url);

/** How long the extension keeps VS Code waiting, as its own test run has measured it. */
export const measureEditor: Measure = async () => {
  const timing = await readTiming<EditorTiming>('editor-timings.json');
  const crowded = await readTiming<ChangeTiming>('presence-timings.json');
  const review = await readTiming<ReviewTiming>('review-timings.json');
  const activationMs = timing && Math.max(...timing.activationMs);
  const shared = { measure: 'editor', unit: ' ms', better: 'lower', peer: '' } as const;
  return {
    remarks: timing
      ? []
      : ['the editor’s timing comes from `npm test`, which has not left any here'],
    figures: [
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

async function readTiming<Timing>(file: string): Promise<Timing | undefined> {
  try {
    return JSON.parse(await readFile(new URL(file, results), 'utf8')) as Timing;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? notMeasured : `${value.toFixed(2)} ms`;
}
