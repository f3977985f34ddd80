import * as vscode from 'vscode';

/** The tabs that show a file as text. */
export function tabsOf(uri: vscode.Uri): readonly vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter((tab) => isOf(tab.input, uri));
}

/** Where a place in one document is in another. */
export type PlaceOf = (position: vscode.Position) => vscode.Position;

/**
 * Shows `to` in front of a document whose file has another name now: in each of its tabs, at the same
 * place, without taking the keyboard from anything else. `readPlaces` is asked before each.
 */
export async function showInTabsOf(
  from: vscode.TextDocument,
  to: vscode.TextDocument,
  readPlaces: () => Promise<PlaceOf>,
): Promise<void> {
  for (const tab of tabsOf(from.uri)) await showInPlace(tab, from, to, readPlaces);
}

/** Closes the tabs that show a document, without a question. Says false where they stay. */
export async function closeTabsOf(document: vscode.TextDocument): Promise<boolean> {
  // A tab that closes dirty would ask; what is written here again goes as soon as it is closed.
  if (document.isDirty && !(await document.save())) return false;
  return vscode.window.tabGroups.close(tabsOf(document.uri), true);
}

async function showInPlace(
  tab: vscode.Tab,
  from: vscode.TextDocument,
  to: vscode.TextDocument,
  readPlaces: () => Promise<PlaceOf>,
): Promise<void> {
  const placeOf = await readPlaces();
  const { group, isActive } = tab;
  const { viewColumn } = group;
  const covered = isActive ? undefined : group.activeTab?.input;
  const editor = vscode.window.visibleTextEditors.find(
    (each) => each.document === from && each.viewColumn === viewColumn,
  );
  const hasKeyboard = editor !== undefined && editor === vscode.window.activeTextEditor;
  const visible = editor?.visibleRanges[0];
  const top = visible && new vscode.Range(placeOf(visible.start), placeOf(visible.end));
  const shown = await vscode.window.showTextDocument(to, {
    viewColumn,
    preserveFocus: !hasKeyboard,
    preview: false,
    ...(editor && { selection: selectionAt(editor.selection, placeOf) }),
  });
  if (top) shown.revealRange(top, vscode.TextEditorRevealType.AtTop);
  if (covered instanceof vscode.TabInputText) {
    await vscode.window.showTextDocument(covered.uri, { viewColumn, preserveFocus: true });
  }
}

function selectionAt({ anchor, active }: vscode.Selection, placeOf: PlaceOf): vscode.Selection {
  return new vscode.Selection(placeOf(anchor), placeOf(active));
}

function isOf(input: unknown, uri: vscode.Uri): boolean {
  return input instanceof vscode.TabInputText && input.uri.toString() === uri.toString();
}
