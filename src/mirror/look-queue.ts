/**
 * Owns: which paths of the folder are to be looked at, and why: somebody else gave a reason, what a path waited
 * for has gone, or the mirror did something there itself. Does not know: when, and what is done about a path.
 */
import type { FolderMirrorParts } from './folder-mirror-parts.ts';
import { Obstacles } from './obstacles.ts';
import { OwnLooks } from './own-looks.ts';

/** So many paths are claimed at once: what a window wants of one of them waits for all. */
const GROUP = 256;

export class LookQueue {
  /** What paths wait for. */
  readonly obstacles = new Obstacles();
  readonly #parts: Pick<FolderMirrorParts, 'log' | 'world'>;
  readonly #onFilled: () => void;
  readonly #paths = new Set<string>();
  readonly #ownLooks = new OwnLooks();
  /** The paths that wait and may be another name of a file that vanished. */
  readonly #strangers = new Set<string>();

  constructor(parts: Pick<FolderMirrorParts, 'log' | 'world'>, onFilled: () => void) {
    this.#parts = parts;
    this.#onFilled = onFilled;
  }

  get size(): number {
    return this.#paths.size;
  }

  get paths(): Iterable<string> {
    return this.#paths;
  }

  get hasStrangers(): boolean {
    return this.#strangers.size > 0;
  }

  has(path: string): boolean {
    return this.#paths.has(path);
  }

  /** Says that something about these paths may have changed. */
  look(paths: Iterable<string>): void {
    for (const path of paths) {
      this.#ownLooks.reason(path);
      this.#add(path);
      this.happened(path);
    }
    this.#onFilled();
  }

  /** Something happened at a path that need not be a file's: whoever waited for that is looked at. */
  happened(path: string): void {
    for (const freed of this.obstacles.freedBy(path)) {
      this.#ownLooks.reason(freed);
      this.#add(freed);
    }
    this.#onFilled();
  }

  /** Looks at a path again after something was done about it; only where that has changed something. */
  again(path: string): void {
    this.#add(path);
    this.#onFilled();
  }

  /** True for a path that was looked at in this state already, and for no new reason. */
  isCircle(path: string, state: string): boolean {
    return this.#ownLooks.isCircle(path, state);
  }

  takeGroup(): readonly string[] {
    const group: string[] = [];
    for (const path of this.#paths) {
      if (group.length === GROUP) break;
      group.push(path);
      this.#paths.delete(path);
      this.#ownLooks.begins(path);
      this.#strangers.delete(path);
    }
    return group;
  }

  /** Nothing is left to look at. */
  ended(): void {
    this.#ownLooks.ended();
  }

  clear(): void {
    this.#paths.clear();
    this.#strangers.clear();
  }

  #add(path: string): void {
    const { log, world } = this.#parts;
    this.#paths.add(path);
    if (!log.lastPut(path) && !world.fileAt(path)) this.#strangers.add(path);
  }
}
