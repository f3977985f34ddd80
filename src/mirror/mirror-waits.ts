/**
 * Owns: what a mirror waits for, path by path: a file that vanished, one that is being written, one
 * that failed. Does not know: why, or what is done afterwards.
 */

/** What a tool writes in several steps is taken in when it has stayed the same for so long. */
export const STEADY_MS = 100;

interface UnsteadyBytes {
  readonly hash: string;
  readonly isDue: boolean;
  readonly cancel: () => void;
}

export class MirrorWaits {
  readonly #after: (delayMs: number, fire: () => void) => () => void;
  readonly #look: (path: string) => void;
  readonly #timers = new Map<string, () => void>();
  /** Paths that wait for something, or have done so and need not a second time. */
  readonly #waited = new Map<string, { isDue: boolean; wasAsked: boolean; cancel: () => void }>();
  /** What unexplained bytes were at the last look, and whether they have had time to change. */
  readonly #unsteady = new Map<string, UnsteadyBytes>();
  /** Who wrote there has said to be done. */
  readonly #done = new Set<string>();

  constructor(
    after: (delayMs: number, fire: () => void) => () => void,
    look: (path: string) => void,
  ) {
    this.#after = after;
    this.#look = look;
  }

  /** The path will be looked at again. */
  lookLater(path: string, delayMs: number): void {
    this.#timers.get(path)?.();
    const cancel = this.#after(delayMs, () => {
      this.#timers.delete(path);
      this.#look(path);
    });
    this.#timers.set(path, cancel);
  }

  /** True until the delay since it was first asked for is over; then the path is looked at again. */
  isWithin(path: string, delayMs: number): boolean {
    const known = this.#waited.get(path);
    if (known) return !known.isDue;
    const wait = { isDue: false, wasAsked: false, cancel: () => {} };
    wait.cancel = this.#after(delayMs, () => {
      wait.isDue = true;
      this.#look(path);
    });
    this.#waited.set(path, wait);
    return true;
  }

  /** True once for each time that a path waits. */
  askOnce(path: string): boolean {
    const known = this.#waited.get(path);
    if (!known || known.wasAsked) return false;
    known.wasAsked = true;
    return true;
  }

  /** True while it is not known of some path what happened there. */
  get isAnyUnknown(): boolean {
    return this.#waited.size > 0 || [...this.#unsteady.values()].some(({ isDue }) => !isDue);
  }

  isWaiting(path: string): boolean {
    return this.#waited.has(path);
  }

  /** What the path waited for has come, or will not. */
  isOver(path: string): void {
    this.#waited.get(path)?.cancel();
    this.#waited.delete(path);
  }

  /** False while a tool may be in the middle of writing: a half-written file is not a change. */
  isSteady(path: string, hash: string): boolean {
    if (this.#done.has(path)) {
      this.isExplained(path);
      return true;
    }
    const seen = this.#unsteady.get(path);
    if (seen?.hash === hash) {
      if (seen.isDue) this.#unsteady.delete(path);
      return seen.isDue;
    }
    seen?.cancel();
    const cancel = this.#after(STEADY_MS, () => {
      const now = this.#unsteady.get(path);
      if (now?.hash === hash) this.#unsteady.set(path, { ...now, isDue: true });
      this.#look(path);
    });
    this.#unsteady.set(path, { hash, isDue: false, cancel });
    return false;
  }

  /** What is there now is all that a tool wrote; until `isOld` nobody waits for more. */
  isDone(path: string): void {
    this.#done.add(path);
  }

  isOld(path: string): void {
    this.#done.delete(path);
  }

  /** Unexplained bytes were seen there, and it has not been decided about them. */
  isUnsteady(path: string): boolean {
    return this.#unsteady.has(path);
  }

  /** At these paths. */
  get unsteadyPaths(): Iterable<string> {
    return this.#unsteady.keys();
  }

  /** What is there now is known: nobody writes there. */
  isExplained(path: string): void {
    this.#unsteady.get(path)?.cancel();
    this.#unsteady.delete(path);
  }

  stop(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    for (const { cancel } of this.#waited.values()) cancel();
    for (const { cancel } of this.#unsteady.values()) cancel();
    this.#unsteady.clear();
  }
}
