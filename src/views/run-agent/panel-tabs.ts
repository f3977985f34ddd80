import * as vscode from 'vscode';

/** The tab of a webview of a kind; of several with the same title the first. */
export function tabOf(viewType: string, title: string): vscode.Tab | undefined {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .find(
      ({ input, label }) =>
        label === title &&
        input instanceof vscode.TabInputWebview &&
        // VS Code puts a prefix of its own before it.
        input.viewType.endsWith(viewType),
    );
}

/**
 * Shows a tab whatever is in it, and gives it the keyboard. No call of VS Code does that, only the commands that a user
 * has: says false where they did not.
 */
export async function bringToFront(tab: vscode.Tab): Promise<boolean> {
  const { viewColumn, tabs } = tab.group;
  const focusGroup = FOCUS_GROUP[viewColumn - 1];
  if (focusGroup === undefined) return false;
  await vscode.commands.executeCommand(`workbench.action.focus${focusGroup}EditorGroup`);
  await vscode.commands.executeCommand('workbench.action.openEditorAtIndex', tabs.indexOf(tab));
  return tab.isActive;
}

const FOCUS_GROUP = [
  'First',
  'Second',
  'Third',
  'Fourth',
  'Fifth',
  'Sixth',
  'Seventh',
  'Eighth',
] as const;
