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
  const editor = vscode.window.visibleTextEditors.find((each) => each.document === document);
  const { start, end } = editor?.visibleRanges[0] ?? new vscode.Range(0, 0, 0, 0);
  const distance = ({ lines }: Placed): number =>
    Math.max(0, start.line - lines.lastLine, lines.firstLine - end.line);
  const near = [...placed].sort((a, b) => distance(a) - distance(b)).slice(0, MOST_IN_FILE);
  const chosen = new Set(near);
  return placed.filter((each) => chosen.has(each));
}
