import * as vscode from 'vscode';

/** Opens a folder: in a window of its own, unless this one is empty. */
export async function openInWindow(folder: string): Promise<void> {
  const forceNewWindow = vscode.workspace.workspaceFolders !== undefined;
  await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(folder), {
    forceNewWindow,
  });
}
