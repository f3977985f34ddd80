import { changeEventDurationsMs, changeEventProcessorMs } from './live-folder.ts';
import type { EditorWindow } from './window.ts';

interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

export interface ChangeTimings {
  readonly changeEvents: number;
  readonly changeEventMs: Percentiles;
  /** What of that the extension's thread ran; the rest it waited for a processor. */
  readonly changeEventProcessorMs: Percentiles;
}

/** How long change events held up the windows, each after its first `earlier` ones. */
export async function changeTimings(
  windows: readonly EditorWindow[],
  earlier = 0,
): Promise<ChangeTimings> {
  const all = async (of: typeof changeEventDurationsMs): Promise<readonly number[]> =>
    (await Promise.all(windows.map(of))).flatMap((values) => values.slice(earlier));
  const durations = await all(changeEventDurationsMs);
  return {
    changeEvents: durations.length,
    changeEventMs: percentiles(durations),
    changeEventProcessorMs: percentiles(await all(changeEventProcessorMs)),
  };
}

function percentiles(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}
