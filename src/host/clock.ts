/** Cancels a timer; safe to call more than once and after it fired. */
export type CancelTimer = () => void;

/** The host's source of time. A simulation supplies its own. */
export interface Clock {
  /** Microseconds since the Unix epoch. */
  nowMicros(): bigint;
  /** Calls `fire` once after `delayMs`; a pending timer does not keep the process alive. */
  after(delayMs: number, fire: () => void): CancelTimer;
}

/** The machine's time. */
export const systemClock: Clock = {
  nowMicros: () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)),
  after(delayMs, fire) {
    const timer = setTimeout(fire, Math.min(delayMs, LONGEST_TIMER_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** `setTimeout` fires at once for anything longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
