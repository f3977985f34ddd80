import type { Change, Changes } from '../core/change.ts';
import type { LineRange } from '../core/map-position.ts';
import type { Text } from '../core/text.ts';
import { lineChanges } from './line-changes.ts';

/** What a formatter would do to a text, and what of it has to wait. */
export interface FormatPlan {
  readonly changes: Changes;
  /** Changes left out because somebody is at those lines. */
  readonly deferred: number;
}

/**
 * The smallest changes by lines that turn `text` into `formatted`, without those that touch a line
 * of `occupied`. What remains may be formatted by halves, so the caller must check that formatting
 * it again arrives at `formatted` still.
 */
export function planFormat(
  text: Text,
  formatted: Text,
  occupied: readonly LineRange[],
): FormatPlan {
  const all = lineChanges(text, formatted);
  const changes = all.filter((change) => !occupied.some((lines) => touches(change, lines)));
  return { changes, deferred: all.length - changes.length };
}

/** By whole lines, the ends included: text joined to somebody's line moves what they look at. */
function touches(change: Change, { firstLine, lastLine }: LineRange): boolean {
  return change.startLine <= lastLine && firstLine <= change.endLine;
}
