/** Cancels a timer; safe to call more than once and after it fired. */
export type CancelTimer = () => void;

/** A session's source of time; tests supply their own. */
export interface Clock {
  /** Unix milliseconds. */
  nowMs(): number;
  /** Calls `fire` once after `delayMs`. */
  after(delayMs: number, fire: () => void): CancelTimer;
}

/** The machine's time. Its timers keep a process alive: a command waits for them. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return () => clearTimeout(timer);
  },
};
