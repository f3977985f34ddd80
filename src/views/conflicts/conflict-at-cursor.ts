import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';

/** The conflict at the cursor of the editor that has the keyboard, in a file of this world. */
export function conflictAtCursor(current: FolderWorld): string | undefined {
  const editor = vscode.window.activeTextEditor;
  const fileId = editor && current.documents.of(editor.document)?.fileId;
  if (editor === undefined || fileId === undefined) return undefined;
  const { line } = editor.selection.active;
  return current.refused
    .inFile(fileId)
    .find(({ start, end }) => start.line <= line && line <= end.line)?.refusedId;
}
