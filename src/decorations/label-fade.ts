/** How well the name beside a cursor is seen, from 0 (not at all), and when that changes next. */
export interface LabelSight {
  readonly opacity: number;
  /** From now; undefined when it stays as it is until the cursor moves. */
  readonly nextMs: number | undefined;
}

/** A name is shown so for as long as its cursor moves. */
const FULL = 0.9;
const FADED = [0.65, 0.4, 0.2];
const STEP_MS = 150;

/**
 * A name that has stood beside a resting cursor for `ageMs`, where names stay for `stayMs` and then
 * fade in a few steps. Names that stay for 0 never go.
 */
export function sightOfLabel(ageMs: number, stayMs: number): LabelSight {
  if (stayMs === 0) return { opacity: FULL, nextMs: undefined };
  if (ageMs < stayMs) return { opacity: FULL, nextMs: stayMs - Math.max(0, ageMs) };
  const step = Math.floor((ageMs - stayMs) / STEP_MS);
  const opacity = FADED[step];
  if (opacity === undefined) return { opacity: 0, nextMs: undefined };
  return { opacity, nextMs: stayMs + (step + 1) * STEP_MS - ageMs };
}
