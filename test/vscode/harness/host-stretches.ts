// How long a window's extension host is kept at a stretch: nothing else has its turn meanwhile.
import type { EditorWindow } from './window.ts';

/** While something is drawn anew at most so often, this has one update of each view. */
const UPDATE_MS = 300;

interface StretchHost {
  stretches?: { readonly longestMs: number[]; readonly stop: () => void };
}

/**
 * Watches until the returned function is called, which tells the longest stretch of each update's time, in milliseconds:
 * what the thread ran, so that what it waits for a processor is left out.
 */
export async function watchStretches(
  window: EditorWindow,
): Promise<() => Promise<readonly number[]>> {
  await window.evaluate((_, updateMs) => {
    const longestMs: number[] = [];
    const usedMs = (): number => {
      const { user, system } = process.threadCpuUsage();
      return (user + system) / 1000;
    };
    const startedMs = performance.now();
    let last = usedMs();
    const timer = setInterval(() => {
      const now = usedMs();
      const update = Math.floor((performance.now() - startedMs) / updateMs);
      longestMs[update] = Math.max(longestMs[update] ?? 0, now - last);
      // What this looks at costs something itself.
      last = usedMs();
    }, 1);
    const stop = (): void => clearInterval(timer);
    Object.assign(globalThis, { stretches: { longestMs, stop } });
  }, UPDATE_MS);
  return () =>
    window.evaluate(() => {
      const { stretches } = globalThis as StretchHost;
      stretches!.stop();
      return stretches!.longestMs.filter((each) => typeof each === 'number');
    });
}
