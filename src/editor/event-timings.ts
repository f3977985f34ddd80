/** How long change events held up the extension host, the last ones. */
export class EventTimings {
  readonly #durationsMs: number[] = [];
  readonly #limit: number;
  #count = 0;

  constructor(limit = 4096) {
    this.#limit = limit;
  }

  add(durationMs: number): void {
    this.#durationsMs[this.#count % this.#limit] = durationMs;
    this.#count += 1;
  }

  /** In milliseconds, in no particular order. */
  get durationsMs(): readonly number[] {
    return this.#durationsMs;
  }
}
