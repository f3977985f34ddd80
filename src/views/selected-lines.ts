import type { LineRange } from '../core/map-position.ts';
import type { Position } from '../core/position.ts';

/** The lines that a selection means: where it only reaches the beginning of a line, not that one. */
export function selectedLines(selection: {
  readonly start: Position;
  readonly end: Position;
}): LineRange {
  const { start, end } = selection;
  const excludesLast = end.line > start.line && end.character === 0;
  return { firstLine: start.line, lastLine: excludesLast ? end.line - 1 : end.line };
}
