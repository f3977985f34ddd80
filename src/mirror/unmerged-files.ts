/**
 * Owns: which files are not taken in because git has them in conflict, and that each is told once. Does not
 * know: what is on disk meanwhile, how git is asked.
 */
import type { FolderGit } from './folder-git.ts';
import type { FolderLog } from './folder-log.ts';
import type { MirrorEvent } from './mirror-event.ts';

export interface UnmergedFilesParts {
  readonly git: FolderGit;
  readonly log: FolderLog;
  /** Something about these paths may have changed. */
  readonly look: (paths: readonly string[]) => void;
}

/** So many paths are named in one event; how many there are is told as well. */
const MOST_NAMED = 50;

export class UnmergedFiles {
  readonly #parts: UnmergedFilesParts;
  readonly #waiting = new Set<string>();
  readonly #untold = new Set<string>();
  readonly #stops: readonly (() => void)[];

  constructor(parts: UnmergedFilesParts) {
    this.#parts = parts;
    const { git, log, look } = parts;
    this.#stops = [
      // Whether a conflict is resolved is known by the index, which git moves.
      git.onRest(() => look([...this.#waiting])),
      log.onEntry((entry) => {
        if (entry.tag === 'hold' && this.#waiting.has(entry.path)) look([entry.path]);
      }),
    ];
  }

  /**
   * True for a file that waits until git has it as resolved. One that an editor has is resolved there: that
   * shows what the world has, so the world gets the marks of the conflict. `readMs`: when its bytes were read, by
   * `performance.now()`; now, if they were not.
   */
  async holdsBack(path: string, readMs?: number): Promise<boolean> {
    const { git, log } = this.#parts;
    const isHeldBack =
      log.holders(path).length === 0 && (await git.unmerged([path], readMs)).has(path);
    if (!isHeldBack) this.#waiting.delete(path);
    else if (!this.#waiting.has(path)) {
      this.#waiting.add(path);
      this.#untold.add(path);
    }
    return isHeldBack;
  }

  /** Those that wait since this was last called, in one event. */
  takeUntold(): readonly MirrorEvent[] {
    const [path, ...others] = [...this.#untold].sort();
    this.#untold.clear();
    if (path === undefined) return [];
    const more = others.slice(0, MOST_NAMED - 1);
    return [{ tag: 'unmerged', path, more, count: others.length + 1 }];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }
}
