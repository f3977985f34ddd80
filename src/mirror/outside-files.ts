/**
 * Owns: which files of a folder belong into its world and are not there, and why. Does not know: who
 * finds out, who shows it.
 */
import { Listeners, type StopListening } from '../world/listeners.ts';
import type { SkippedFile } from '../world/folder-scan.ts';

export interface OutsideFile {
  readonly path: string;
  /**
   * `refused`: the world does not take it from this member. `in_the_way`: the world has a folder where it
   * is, or a file where a folder of it is. `strayed`: the world has it under the name that it had before.
   */
  readonly why: SkippedFile['why'] | 'too_large' | 'refused' | 'in_the_way' | 'strayed';
}

export class OutsideFiles {
  readonly #files = new Map<string, OutsideFile['why']>();
  readonly #changes: Listeners<readonly string[]>;

  constructor(onError: (error: unknown) => void) {
    this.#changes = new Listeners(onError);
  }

  why(path: string): OutsideFile['why'] | undefined {
    return this.#files.get(path);
  }

  all(): readonly OutsideFile[] {
    return [...this.#files].map(([path, why]) => ({ path, why }));
  }

  /** Tells the paths of which something else is known than before. */
  onChange(listener: (paths: readonly string[]) => void): StopListening {
    return this.#changes.add(listener);
  }

  /** Takes in what was found; what was looked at and is not among it is outside no more. */
  found(outside: readonly OutsideFile[], wasLookedAt: (path: string) => boolean): void {
    const found = new Map(outside.map(({ path, why }) => [path, why]));
    const changed: string[] = [];
    for (const path of this.#files.keys()) {
      if (found.has(path) || !wasLookedAt(path)) continue;
      this.#files.delete(path);
      changed.push(path);
    }
    for (const [path, why] of found) {
      if (this.#files.get(path) === why) continue;
      this.#files.set(path, why);
      changed.push(path);
    }
    if (changed.length > 0) this.#changes.emit(changed);
  }
}
