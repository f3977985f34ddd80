/** Gives a number from 0 up to, but not including, 1. */
export type Random = () => number;

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 15_000;

/**
 * How long to wait before the next attempt after so many failures in a row: twice as long each
 * time, and scattered by half, so that clients of a restarted server do not all come at once.
 */
export function retryDelayMs(failures: number, random: Random): number {
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** failures, LONGEST_DELAY_MS);
  return delayMs * (0.5 + random() / 2);
}
