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
  #done = 0;
  #isTold = false;

  constructor(tell: ((progress: MirrorProgress) => void) | undefined) {
    this.#tell = tell;
  }

  /** Some more are done, and so many are left: the last of many is told, too. */
  looked(done: number, left: number): void {
    this.#done += done;
    const total = this.#done + left;
    if (total >= MANY_PATHS || (this.#isTold && left === 0)) {
      this.#tell?.({ done: this.#done, total });
      this.#isTold = true;
    }
    if (left > 0) return;
    this.#done = 0;
    this.#isTold = false;
  }
}
