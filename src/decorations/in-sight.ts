import type * as vscode from 'vscode';
import type { LineRange } from '../core/map-position.ts';

/** Lines above and below those in sight that are marked, too, so that nothing is missing while one scrolls. */
const MARGIN_LINES = 50;

/** True for lines that an editor shows, or is about to: only those are worth a mark in the text. */
export function isInSight(
  { firstLine, lastLine }: LineRange,
  visibleRanges: readonly vscode.Range[],
): boolean {
  return visibleRanges.some(({ start, end }) => {
    return firstLine <= end.line + MARGIN_LINES && lastLine >= start.line - MARGIN_LINES;
  });
}
