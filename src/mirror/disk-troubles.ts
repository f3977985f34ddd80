/**
 * Owns: which paths the disk refuses, how long each is left alone, and that each is told once until it is
 * well again. Does not know: what is tried.
 */
import type { DiskFault } from './disk-files.ts';
import type { MirrorEvent } from './mirror-event.ts';

const RETRY_MS = 2_000;
const MAX_RETRY_MS = 60_000;
/** So many paths are named in one event; how many there are is told as well. */
const MOST_NAMED = 50;

interface DiskTrouble {
  readonly fault: DiskFault | undefined;
  readonly retryMs: number;
}

export class DiskTroubles {
  readonly #paths = new Map<string, DiskTrouble>();
  readonly #untold = new Map<DiskFault, string[]>();

  /** Says in how many milliseconds the path is worth another look; `fault`: none of the disk's without. */
  failed(path: string, fault: DiskFault | undefined): number {
    const former = this.#paths.get(path);
    const retryMs = Math.min(former ? former.retryMs * 2 : RETRY_MS, MAX_RETRY_MS);
    this.#paths.set(path, { fault, retryMs });
    if (fault !== undefined && former?.fault !== fault) {
      this.#untold.set(fault, [...(this.#untold.get(fault) ?? []), path]);
    }
    return retryMs;
  }

  isWell(path: string): void {
    this.#paths.delete(path);
  }

  /** What has failed since this was last called: one event for each fault. */
  takeUntold(): readonly MirrorEvent[] {
    const events = [...this.#untold].map(([fault, paths]) => {
      const [path, ...more] = paths.toSorted();
      const count = more.length + 1;
      return {
        tag: 'stuck',
        path: path!,
        fault,
        more: more.slice(0, MOST_NAMED - 1),
        count,
      } as const;
    });
    this.#untold.clear();
    return events;
  }
}
