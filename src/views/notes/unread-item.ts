import * as vscode from 'vscode';
import type { Disposable } from '../../editor/disposable-store.ts';

/** How many messages are unread, in the status bar; nothing where there are none. */
export class UnreadItem implements Disposable {
  readonly #item: vscode.StatusBarItem;

  constructor() {
    // Beside the item of the world.
    this.#item = vscode.window.createStatusBarItem(
      'agentWorld.messages',
      vscode.StatusBarAlignment.Left,
      49,
    );
    this.#item.name = vscode.l10n.t('Agent World: unread messages');
    this.#item.command = 'agentWorld.openMessages';
  }

  /** `from` are the names of who wrote them. */
  show(count: number, from: readonly string[]): void {
    if (count === 0) {
      this.#item.hide();
      return;
    }
    const label = vscode.l10n.t('Unread messages: {0}, from {1}', count, from.join(', '));
    this.#item.text = `$(mail) ${count}`;
    this.#item.tooltip = label;
    this.#item.accessibilityInformation = { label, role: 'button' };
    this.#item.show();
  }

  dispose(): void {
    this.#item.dispose();
  }
}
