import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../editor/disposable-store.ts';
import type { RefusedEditView } from '../editor/refused-edits.ts';

const SCHEME = 'agent-world-current';

/**
 * A small editor for what should stand in place of a refused edit: what stands there now on the
 * left, the user's text to work on at the right, and a command to take it.
 */
export class PatchEditor implements Disposable, vscode.TextDocumentContentProvider {
  readonly #store = new DisposableStore();
  readonly #current = new Map<string, string>();
  #accept: (() => void) | undefined;

  constructor() {
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(SCHEME, this));
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#current.get(uri.query) ?? '';
  }

  /** Resolves with the text the user takes, or undefined when they close the editor. */
  async ask(edit: RefusedEditView): Promise<string | undefined> {
    const { refusedId, currentText, refusedText, path } = edit;
    this.#current.set(refusedId, currentText);
    const left = vscode.Uri.from({ scheme: SCHEME, path: `/${path}`, query: refusedId });
    const document = await vscode.workspace.openTextDocument({ content: refusedText });
    await vscode.commands.executeCommand(
      'vscode.diff',
      left,
      document.uri,
      vscode.l10n.t('{0}: theirs ↔ yours — take it with “Take This Text”', path),
    );
    await vscode.commands.executeCommand('setContext', 'agentWorld.patching', true);
    const text = await this.#taken(document);
    await vscode.commands.executeCommand('setContext', 'agentWorld.patching', false);
    this.#current.delete(refusedId);
    return text;
  }

  /** The user takes the text as it stands now. */
  accept(): void {
    this.#accept?.();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #taken(document: vscode.TextDocument): Promise<string | undefined> {
    return new Promise((resolve) => {
      const waiting = new DisposableStore();
      const settle = (text: string | undefined): void => {
        waiting.dispose();
        this.#accept = undefined;
        resolve(text);
      };
      this.#accept = () => {
        // Settled before its editor closes, which would count as giving up.
        settle(document.getText().replaceAll('\r\n', '\n'));
        void closeEditorOf(document);
      };
      waiting.add(
        vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
          if (closed.some((tab) => isTabOf(tab, document))) settle(undefined);
        }),
      );
    });
  }
}

function isTabOf({ input }: vscode.Tab, document: vscode.TextDocument): boolean {
  return (
    input instanceof vscode.TabInputTextDiff &&
    input.modified.toString() === document.uri.toString()
  );
}

/** An untitled document that is not empty would ask whether to save it: it is emptied by a revert. */
async function closeEditorOf(document: vscode.TextDocument): Promise<void> {
  const { activeTab } = vscode.window.tabGroups.activeTabGroup;
  if (activeTab === undefined || !isTabOf(activeTab, document)) return;
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
}
