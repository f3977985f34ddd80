import type { CancelTimer, Clock } from '../world/clock.ts';

/**
 * Waits, per subject, until nothing was heard of it for a while, and then says so. Each `stir`
 * begins the wait anew.
 */
export class Quiet<Subject> {
  readonly #clock: Clock;
  readonly #quietMs: number;
  readonly #onQuiet: (subject: Subject) => void;
  readonly #timers = new Map<Subject, CancelTimer>();

  constructor(clock: Clock, quietMs: number, onQuiet: (subject: Subject) => void) {
    this.#clock = clock;
    this.#quietMs = quietMs;
    this.#onQuiet = onQuiet;
  }

  /** Something happened to the subject. */
  stir(subject: Subject): void {
    this.#timers.get(subject)?.();
    const cancel = this.#clock.after(this.#quietMs, () => {
      this.#timers.delete(subject);
      this.#onQuiet(subject);
    });
    this.#timers.set(subject, cancel);
  }

  /** True while a wait for the subject is under way. */
  isWaiting(subject: Subject): boolean {
    return this.#timers.has(subject);
  }

  /** Ends all waits. */
  close(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }
}
