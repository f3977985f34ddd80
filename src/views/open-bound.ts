import * as vscode from 'vscode';
import type { FolderWorld } from '../editor/folder-world.ts';

/** How long a file that was opened may take until it is bound to the world. */
const BIND_MS = 10_000;

/** Opens a file of the world; resolves once it is bound: only then are places in the editor known. */
export async function openBound(
  current: FolderWorld,
  { fileId, path }: { readonly fileId: number; readonly path: string },
): Promise<vscode.TextEditor> {
  const uri = vscode.Uri.joinPath(current.folder.uri, path);
  const editor = await vscode.window.showTextDocument(uri, { preview: false });
  await bound(current, fileId);
  return editor;
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
