import type { GitClock } from '../../src/git/git-work.ts';

interface Alarm {
  readonly atMs: number;
  readonly fire: () => void;
}

/** A machine's time that passes when a test says so. */
export class ManualGitClock implements GitClock {
  #nowMs = 1_000;
  #passedMs = 0;
  readonly #alarms = new Set<Alarm>();

  steadyMs(): number {
    return this.#nowMs;
  }

  /** Files have the machine's own time: what a test lets pass comes on top of it. */
  wallMs(): number {
    return Date.now() + this.#passedMs;
  }

  after(delayMs: number, fire: () => void): () => void {
    const alarm = { atMs: this.#nowMs + delayMs, fire };
    this.#alarms.add(alarm);
    return () => void this.#alarms.delete(alarm);
  }

  /** What is due on the way happens at its own moment. */
  pass(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#alarms].filter(({ atMs }) => atMs <= endMs);
      const next = due.sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#alarms.delete(next);
      this.#arrive(Math.max(this.#nowMs, next.atMs));
      next.fire();
    }
    this.#arrive(endMs);
  }

  #arrive(atMs: number): void {
    this.#passedMs += atMs - this.#nowMs;
    this.#nowMs = atMs;
  }
}
