import * as vscode from 'vscode';
import type { Position } from '../core/position.ts';

/**
 * Cursors that stood at `place` stand there again: what was put in there, up to `behind`, has pushed them along. Nothing
 * is done where the document has changed since, which is when its user typed behind it.
 */
export function keepCursorsAt(
  document: vscode.TextDocument,
  version: number,
  { place, behind }: { readonly place: Position; readonly behind: Position },
): void {
  if (document.version !== version) return;
  const [here, there] = [positionOf(place), positionOf(behind)];
  for (const editor of vscode.window.visibleTextEditors) {
    if (editor.document !== document) continue;
    const isPushed = ({ isEmpty, active }: vscode.Selection): boolean =>
      isEmpty && (active.isEqual(here) || active.isEqual(there));
    if (!editor.selections.some(isPushed)) continue;
    editor.selections = editor.selections.map((each) =>
      isPushed(each) ? new vscode.Selection(here, here) : each,
    );
  }
}

function positionOf({ line, character }: Position): vscode.Position {
  return new vscode.Position(line, character);
}
