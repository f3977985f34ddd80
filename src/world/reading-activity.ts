/** What an agent says of itself while it reads: others see it, and learn which lines those are. */

const WHOLE = 'reading';
// Escaped: a bundle that the hooks run has ASCII only.
const LINES = /^reading lines (\d+)\u2013(\d+)$/;

/** Lines from 1, both included; undefined for a whole file. */
export function readingActivity(lines?: { readonly firstLine: number; readonly lastLine: number }) {
  return lines ? `reading lines ${lines.firstLine}–${lines.lastLine}` : WHOLE;
}

/** The lines that somebody reads who says so, from 0; undefined for whoever does something else. */
export function linesRead(
  activity: string,
): { readonly firstLine: number; readonly lastLine: number } | undefined {
  if (activity === WHOLE) return { firstLine: 0, lastLine: Number.MAX_SAFE_INTEGER };
  const match = LINES.exec(activity);
  return match ? { firstLine: Number(match[1]) - 1, lastLine: Number(match[2]) - 1 } : undefined;
}
