/**
 * Owns: how far a mirror is with many files, for who waits for it. Does not know: what is done with them.
 */
export interface MirrorProgress {
  readonly done: number;
  readonly total: number;
}

/** Who waits for fewer files than this hears of no progress. */
const MANY_PATHS = 200;

export class LookProgress {
  readonly #tell: ((progress: MirrorProgress) => void) | undefined;
  readonly #done = new Set<string>();
  #isTold = false;

  constructor(tell: ((progress: MirrorProgress) => void) | undefined) {
    this.#tell = tell;
  }

  /** Some more are done, and others are left; each counts once, however often it is looked at. The last of many is told, too. */
  looked(done: Iterable<string>, left: Iterable<string>): void {
    for (const path of done) this.#done.add(path);
    const open = new Set(left);
    for (const path of this.#done) open.delete(path);
    const leftCount = open.size;
    const total = this.#done.size + leftCount;
    if (total >= MANY_PATHS || (this.#isTold && leftCount === 0)) {
      this.#tell?.({ done: this.#done.size, total });
      this.#isTold = true;
    }
    if (leftCount > 0) return;
    this.#done.clear();
    this.#isTold = false;
  }
}
