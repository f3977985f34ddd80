import * as vscode from 'vscode';

/** One file of several, before and after; `label` says which it is. */
export interface ComparedFile {
  readonly label: vscode.Uri;
  readonly before: vscode.Uri;
  readonly after: vscode.Uri;
}

/** Opens two texts side by side. */
export async function openDiff(
  before: vscode.Uri,
  after: vscode.Uri,
  title: string,
  options: vscode.TextDocumentShowOptions = { preview: true },
): Promise<void> {
  await vscode.commands.executeCommand('vscode.diff', before, after, title, options);
}

/** More single tabs than these are no help to anybody. */
const MOST_TABS = 10;

/** Opens several files' changes in one editor, or each in a tab of its own where VS Code has none. */
export async function openChanges(title: string, files: readonly ComparedFile[]): Promise<void> {
  const [only] = files;
  if (files.length === 1 && only) {
    await openDiff(only.before, only.after, title);
    return;
  }
  if ((await vscode.commands.getCommands(true)).includes('vscode.changes')) {
    const list = files.map(({ label, before, after }) => [label, before, after]);
    await vscode.commands.executeCommand('vscode.changes', title, list);
    return;
  }
  for (const { label, before, after } of files.slice(0, MOST_TABS)) {
    await openDiff(before, after, `${title}: ${label.path.slice(1)}`, { preview: false });
  }
}
