/**
 * Owns: what one connection still waits for an answer to, and one slow clock while there is something.
 * Does not know: what the calls are, how to connect again.
 *
 * The clock is started by a call and not stopped by its answer: typing costs a timer in ten seconds,
 * not one a key, and a connection that waits for nothing has none.
 */
import type { CancelTimer, Clock } from './clock.ts';

/** After so long without an answer whoever looks is told. */
export const SLOW_MS = 10_000;
/** After so long without any sign of the server the connection is given up. */
export const SILENT_MS = 30_000;

export interface OpenWaitsOptions {
  readonly clock: Clock;
  /** An answer is late, or nothing is late any more. */
  readonly onSlow: (isSlow: boolean) => void;
  /** Something is waited for, and the server has said nothing at all for `SILENT_MS`. */
  readonly onSilent: () => void;
}

interface Wait {
  readonly sinceMs: number;
  readonly end: () => void;
  readonly timeoutMs: number;
  readonly onTimeout: () => void;
}

/** What ends a wait once it is answered; safe to call more than once. */
export type Answered = () => void;

export class OpenWaits {
  readonly #options: OpenWaitsOptions;
  /** The oldest first. */
  readonly #waits = new Set<Wait>();
  #heardMs: number;
  #isSlow = false;
  #isEnded = false;
  #cancelTick: CancelTimer | undefined;

  constructor(options: OpenWaitsOptions) {
    this.#options = options;
    this.#heardMs = options.clock.nowMs();
  }

  get isSlow(): boolean {
    return this.#isSlow;
  }

  /** Waits until `answered`; `end` when the connection ends before, `onTimeout` after `timeoutMs` unless 0. */
  add(end: () => void, timeoutMs = 0, onTimeout: () => void = end): Answered {
    const wait = { sinceMs: this.#nowMs(), end, timeoutMs, onTimeout };
    this.#waits.add(wait);
    if (this.#cancelTick === undefined) this.#tickIn(Math.min(...dueTimes(wait)) - wait.sinceMs);
    return () => {
      if (this.#waits.delete(wait) && this.#isSlow) this.#tellSlow();
    };
  }

  /** The server said something. */
  heard(): void {
    this.#heardMs = this.#nowMs();
  }

  /** The connection ended: nothing will be answered. */
  end(): void {
    this.#isEnded = true;
    this.#cancelTick?.();
    const waits = [...this.#waits];
    this.#waits.clear();
    for (const { end } of waits) end();
    this.#tellSlow();
  }

  #tick(): void {
    this.#cancelTick = undefined;
    const nowMs = this.#nowMs();
    for (const wait of this.#waits) {
      if (wait.timeoutMs === 0 || nowMs < wait.sinceMs + wait.timeoutMs) continue;
      this.#waits.delete(wait);
      wait.onTimeout();
    }
    this.#tellSlow();
    const [oldest] = this.#waits;
    if (oldest === undefined || this.#isEnded) return;
    const silentAtMs = Math.max(this.#heardMs, oldest.sinceMs) + SILENT_MS;
    if (nowMs >= silentAtMs) {
      this.#options.onSilent();
      return;
    }
    const due = [...this.#waits].flatMap(dueTimes).filter((atMs) => atMs > nowMs);
    // What was called meanwhile must not wait for a far moment.
    this.#tickIn(Math.min(silentAtMs, nowMs + SLOW_MS, ...due) - nowMs);
  }

  #tickIn(delayMs: number): void {
    this.#cancelTick = this.#options.clock.after(delayMs, () => this.#tick());
  }

  #tellSlow(): void {
    const [oldest] = this.#waits;
    const isSlow = oldest !== undefined && this.#nowMs() >= oldest.sinceMs + SLOW_MS;
    if (isSlow === this.#isSlow) return;
    this.#isSlow = isSlow;
    this.#options.onSlow(isSlow);
  }

  #nowMs(): number {
    return this.#options.clock.nowMs();
  }
}

/** When a wait is to be looked at. */
function dueTimes({ sinceMs, timeoutMs }: Wait): readonly number[] {
  const slowAtMs = sinceMs + SLOW_MS;
  return timeoutMs === 0 ? [slowAtMs] : [slowAtMs, sinceMs + timeoutMs];
}
