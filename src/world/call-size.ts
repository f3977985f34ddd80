/**
 * Owns: how much goes into one call of a world, so that the world is busy with it for about so long: whoever types
 * meanwhile waits for that. Does not know: what goes into it.
 */

/** A moment that nobody notices who waits for it; much of it is the same for a call of one thing. */
const WANTED_MS = 10;
/** One call tells little: something else may have kept the world, or who asks it. */
const PART_OF_THE_WAY = 1 / 4;
const MOST_STEP = 2;

export interface CallBounds {
  readonly least: number;
  readonly most: number;
}

export class CallSize {
  readonly #bounds: CallBounds;
  #size: number;

  /** Begins with the least. */
  constructor(bounds: CallBounds) {
    this.#bounds = bounds;
    this.#size = bounds.least;
  }

  /** So much may go into the next call. */
  get count(): number {
    return Math.floor(this.#size);
  }

  /** A call of so much was answered after so many milliseconds. */
  took(count: number, ms: number): void {
    const ratio = WANTED_MS / Math.max(ms, WANTED_MS / MOST_STEP);
    // What more would have taken is not known from less.
    if (ratio > 1 && count < this.count) return;
    const step = Math.max(ratio, 1 / MOST_STEP) ** PART_OF_THE_WAY;
    const { least, most } = this.#bounds;
    this.#size = Math.min(most, Math.max(least, this.#size * step));
  }
}
