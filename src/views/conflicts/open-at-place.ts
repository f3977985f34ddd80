import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { RefusedEditView } from '../../editor/refused-edits.ts';
import { openBound } from '../open-bound.ts';

/**
 * Opens the file of a conflict with the disputed text selected, once it is bound: only then is the
 * place in the editor known. Says what the conflict looks like there.
 */
export async function openAtPlace(
  current: FolderWorld,
  { refusedId, fileId, path }: RefusedEditView,
): Promise<RefusedEditView | undefined> {
  if (path === '') {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('The file of this conflict is gone. It can be decided in the list.'),
    );
    return undefined;
  }
  const editor = await openBound(current, { fileId, path });
  const there = current.refused.find(refusedId);
  if (there === undefined) return undefined;
  const { start, end } = there;
  const range = new vscode.Range(start.line, start.character, end.line, end.character);
  editor.selection = new vscode.Selection(range.start, range.end);
  editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  return there;
}
