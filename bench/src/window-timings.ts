import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { ended } from './program-runs.ts';

/** Written by the tests in a real VS Code. Milliseconds. */
export interface EditorTiming {
  /** As VS Code reports it, one for each window. */
  readonly activationMs: readonly number[];
  /** Percentiles of the synchronous time spent in one text change event. */
  readonly changeEventMs: { readonly p50: number; readonly p99: number };
  /** What of it the thread ran; left out by runtimes that cannot tell. */
  readonly changeEventProcessorMs?: { readonly p50: number; readonly p99: number };
  readonly changeEvents: number;
}

/** Has a checkout, which is built, type in two windows and an agent beside them; returns what that test measured. */
export async function windowTimings(checkout: string): Promise<EditorTiming> {
  await rm(fileOf(checkout, TIMINGS), { force: true });
  await ended(['--test', 'test/vscode/live-typing.test.ts'], checkout);
  const timing = await readTiming<EditorTiming>(checkout, TIMINGS);
  if (!timing) throw new Error(`the test of ${checkout} has measured nothing`);
  return timing;
}

/** What the last tests of a checkout have measured; undefined where they have left nothing. */
export async function readTiming<Timing>(
  checkout: string,
  name: string,
): Promise<Timing | undefined> {
  try {
    return JSON.parse(await readFile(fileOf(checkout, name), 'utf8')) as Timing;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const TIMINGS = 'editor-timings.json';

function fileOf(checkout: string, name: string): string {
  return path.join(checkout, 'test-results', name);
}
