/**
 * Owns: how far a mirror is with many files, for who waits for it. Does not know: what is done with them.
 */
export interface MirrorProgress {
  readonly done: number;
  readonly total: number;
}

/** Who waits for fewer files than this hears of no progress. */
const MANY_PATHS = 200;
/** What is left is counted after each of so many parts of it: to count it each time would take longer than the looks. */
const PARTS = 64;

export class LookProgress {
  readonly #tell: ((progress: MirrorProgress) => void) | undefined;
  readonly #done = new Set<string>();
  /** So many more are to be done before it is told again. */
  #untilTold = 0;
  #isTold = false;

  constructor(tell: ((progress: MirrorProgress) => void) | undefined) {
    this.#tell = tell;
  }

  /** Some more are done, and others are left; each counts once, however often it is looked at. The last of many is told, too. */
  looked(done: readonly string[], left: () => Iterable<string>): void {
    for (const path of done) this.#done.add(path);
    this.#untilTold -= done.length;
    const isAnyLeft = !left()[Symbol.iterator]().next().done;
    if (isAnyLeft && this.#untilTold > 0) return;
    const open = new Set<string>();
    for (const path of left()) if (!this.#done.has(path)) open.add(path);
    const total = this.#done.size + open.size;
    this.#untilTold = total / PARTS;
    if (total >= MANY_PATHS || (this.#isTold && open.size === 0)) {
      this.#tell?.({ done: this.#done.size, total });
      this.#isTold = true;
    }
    if (open.size > 0) return;
    this.#done.clear();
    this.#untilTold = 0;
    this.#isTold = false;
  }
}
