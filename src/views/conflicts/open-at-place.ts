import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { RefusedEditView } from '../../editor/refused-edits.ts';

/** How long a file that was opened may take until it is bound to the world. */
const BIND_MS = 10_000;

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
  const uri = vscode.Uri.joinPath(current.folder.uri, path);
  const editor = await vscode.window.showTextDocument(uri, { preview: false });
  await bound(current, fileId);
  const there = current.refused.find(refusedId);
  if (there === undefined) return undefined;
  const { start, end } = there;
  const range = new vscode.Range(start.line, start.character, end.line, end.character);
  editor.selection = new vscode.Selection(range.start, range.end);
  editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  return there;
}

/** Resolves when the file is bound in some document, or when that takes too long. */
async function bound(current: FolderWorld, fileId: number): Promise<void> {
  const isBound = (): boolean => current.documents.ofFile(fileId)?.binding !== undefined;
  if (isBound()) return;
  await new Promise<void>((resolve) => {
    const settle = (): void => {
      clearTimeout(timer);
      listening.dispose();
      resolve();
    };
    const timer = setTimeout(settle, BIND_MS);
    const listening = current.onBinding(() => {
      if (isBound()) settle();
    });
  });
}
