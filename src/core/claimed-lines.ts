import type { Change, Changes } from './change.ts';
import type { LineRange } from './map-position.ts';
import { touchedLines } from './overlap.ts';

/** True when changes touch a claimed line, or put something strictly inside the claimed range. */
export function touchesClaim(changes: Changes, claim: LineRange): boolean {
  return changes.some((change) => touches(change, claim));
}

function touches(change: Change, claim: LineRange): boolean {
  const touched = touchedLines(change);
  if (touched) return touched.firstLine <= claim.lastLine && claim.firstLine <= touched.lastLine;
  return change.startLine > claim.firstLine && change.startLine <= claim.lastLine;
}
