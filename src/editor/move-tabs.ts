import * as vscode from 'vscode';

/** The tabs that show a file as text. */
export function tabsOf(uri: vscode.Uri): readonly vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter((tab) => isOf(tab.input, uri));
}

/**
 * Shows `to` in place of a document whose file has another name now: in each of its tabs, at the same
 * place, without taking the keyboard from anything else. Says false where the old tabs stay.
 */
export async function moveTabs(
  from: vscode.TextDocument,
  to: vscode.TextDocument,
): Promise<boolean> {
  for (const tab of tabsOf(from.uri)) await showInPlace(tab, from, to);
  // A tab that closes dirty would ask; what is written here again goes as soon as it is closed.
  if (from.isDirty && !(await from.save())) return false;
  return vscode.window.tabGroups.close(tabsOf(from.uri), true);
}

async function showInPlace(
  tab: vscode.Tab,
  from: vscode.TextDocument,
  to: vscode.TextDocument,
): Promise<void> {
  const { group, isActive } = tab;
  const { viewColumn } = group;
  const covered = isActive ? undefined : group.activeTab?.input;
  const editor = vscode.window.visibleTextEditors.find(
    (each) => each.document === from && each.viewColumn === viewColumn,
  );
  const hasKeyboard = editor !== undefined && editor === vscode.window.activeTextEditor;
  const shown = await vscode.window.showTextDocument(to, {
    viewColumn,
    preserveFocus: !hasKeyboard,
    preview: false,
    ...(editor && { selection: editor.selection }),
  });
  const [visible] = editor?.visibleRanges ?? [];
  if (visible) shown.revealRange(visible, vscode.TextEditorRevealType.AtTop);
  if (covered instanceof vscode.TabInputText) {
    await vscode.window.showTextDocument(covered.uri, { viewColumn, preserveFocus: true });
  }
}

function isOf(input: unknown, uri: vscode.Uri): boolean {
  return input instanceof vscode.TabInputText && input.uri.toString() === uri.toString();
}
