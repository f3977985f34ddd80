/**
 * Owns: that work which comes all at once, as the contents of many files do with one answer, is done piece by piece,
 * a turn of the event loop each: in between other answers are heard, and what they wait for is asked. Does not know:
 * what the work is.
 */
export class LoopTurns {
  #last: Promise<void> = Promise.resolve();

  /** Resolves in a turn of its own, after those of whoever asked before. */
  next(): Promise<void> {
    this.#last = this.#last.then(() => new Promise((resolve) => setImmediate(resolve)));
    return this.#last;
  }
}
