/** Owns: when files went away, and whether so many went at once that it was no work on one of them. */

/** So many files that go within two seconds are asked about, */
const MANY = 20;
/** and more than half of a folder that has more files than this. */
const FEW = 5;
export const TOGETHER_MS = 2_000;

export class GoneTimes {
  readonly #atMs = new Map<string, number>();
  /** The same, in order. */
  #times: number[] = [];
  /** How many files were known when the first of them went. */
  #known = 0;

  /** A file is gone; `known`: how many the folder has, this one included. Returns since when it is known. */
  note(path: string, nowMs: number, known: number): number {
    if (nowMs - (this.#times.at(-1) ?? nowMs) > 2 * TOGETHER_MS) this.#forget();
    if (this.#times.length === 0) this.#known = known;
    const former = this.#atMs.get(path);
    if (former !== undefined) return former;
    this.#atMs.set(path, nowMs);
    this.#times.push(nowMs);
    return nowMs;
  }

  /** True where it takes time to know whether others go too. */
  get mayBeMany(): boolean {
    return this.#known > FEW;
  }

  /** True while others may yet go that belong to those that went last. */
  isGoing(nowMs: number): boolean {
    return this.mayBeMany && nowMs - (this.#times.at(-1) ?? -Infinity) < TOGETHER_MS;
  }

  /** True for one of many that went within two seconds. */
  isOneOfMany(path: string): boolean {
    const atMs = this.#atMs.get(path);
    if (atMs === undefined || !this.mayBeMany) return false;
    const count = Math.min(MANY, Math.floor(this.#known / 2)) + 1;
    const first = this.#times.indexOf(atMs);
    const last = this.#times.lastIndexOf(atMs);
    for (let from = Math.max(0, first - count + 1); from <= last; from++) {
      const until = this.#times[from + count - 1];
      if (until !== undefined && until - this.#times[from]! <= TOGETHER_MS) return true;
    }
    return false;
  }

  #forget(): void {
    this.#atMs.clear();
    this.#times = [];
  }
}
