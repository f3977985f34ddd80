import type { GitClock } from '../../src/git/git-work.ts';

interface Alarm {
  readonly atMs: number;
  readonly fire: () => void;
}

/** A machine's time that passes when a test says so. */
export class ManualGitClock implements GitClock {
  #nowMs = 1_000;
  readonly #alarms = new Set<Alarm>();

  steadyMs(): number {
    return this.#nowMs;
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
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.fire();
    }
    this.#nowMs = endMs;
  }
}
