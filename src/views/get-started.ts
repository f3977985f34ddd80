import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../editor/disposable-store.ts';

/** The walkthrough, and the view that says what to do where there is no world. Costs next to nothing. */
export function registerGetStarted({ extension }: vscode.ExtensionContext): Disposable {
  const store = new DisposableStore();
  store.add(
    vscode.commands.registerCommand('agentWorld.openWalkthrough', () =>
      vscode.commands.executeCommand(
        'workbench.action.openWalkthrough',
        `${extension.id}#agentWorld.start`,
        false,
      ),
    ),
  );
  // It never has a row: what to do stands in the view's welcome.
  const rows: vscode.TreeDataProvider<string> = {
    getChildren: () => [],
    getTreeItem: (row) => new vscode.TreeItem(row),
  };
  store.add(vscode.window.registerTreeDataProvider('agentWorld.start', rows));
  return store;
}

/** Others change the files of a folder in a world: a folder must be trusted first. */
export async function askForTrust(): Promise<void> {
  const manage = vscode.l10n.t('Manage Workspace Trust');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      'In a world, others change the files of this folder. Agent World does nothing here until you trust it.',
    ),
    manage,
  );
  if (answer === manage) await vscode.commands.executeCommand('workbench.trust.manage');
}
