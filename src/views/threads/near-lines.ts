import * as vscode from 'vscode';
import type { LineRange } from '../../core/map-position.ts';

/** So many threads of one subject a file has at most. */
export const MOST_IN_FILE = 50;

interface Placed {
  readonly lines: LineRange;
}

/** Those of one document that are nearest to the lines in sight, in their own order. */
export function nearest<Each extends Placed>(
  placed: readonly Each[],
  document: vscode.TextDocument,
): readonly Each[] {
  if (placed.length <= MOST_IN_FILE) return placed;
  const sights = vscode.window.visibleTextEditors
    .filter((each) => each.document === document)
    .flatMap(({ visibleRanges }) => visibleRanges);
  const distance = ({ lines: { firstLine, lastLine } }: Placed): number =>
    Math.min(
      ...sights.map(({ start, end }) => Math.max(0, start.line - lastLine, firstLine - end.line)),
    );
  const near = [...placed].sort((a, b) => distance(a) - distance(b)).slice(0, MOST_IN_FILE);
  const chosen = new Set(near);
  return placed.filter((each) => chosen.has(each));
}
