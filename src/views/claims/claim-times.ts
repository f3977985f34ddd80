/** When claims end, as people read it: in whole minutes. */

const MINUTE_MS = 60_000;

/** How long until any of the times left reads differently; undefined when none ever will. */
export function untilReadsDifferently(
  untilsMs: Iterable<number>,
  nowMs: number,
): number | undefined {
  let soonest: number | undefined;
  for (const untilMs of untilsMs) {
    const leftMs = untilMs - nowMs;
    if (leftMs <= 0) continue;
    // Minutes are rounded up: with 61 s left it says two of them for one second more.
    const stepMs = leftMs % MINUTE_MS || MINUTE_MS;
    soonest = Math.min(soonest ?? stepMs, stepMs);
  }
  return soonest;
}

const OFFERED_MINUTES = [5, 10, 30, 60];

/** How long a claim can be made for, in milliseconds, the shortest first. */
export function offeredDurations(longestMs: number): readonly number[] {
  const offered = OFFERED_MINUTES.map((minutes) => minutes * MINUTE_MS).filter(
    (durationMs) => durationMs <= longestMs,
  );
  return offered.length > 0 ? offered : [longestMs];
}
