import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { PresentMember } from '../status-bar.ts';
import { memberLabel } from './member-label.ts';

/** Says in the status bar whom the window follows; a click ends it. */
export class FollowStatus implements Disposable {
  readonly #store = new DisposableStore();
  readonly #item: vscode.StatusBarItem;

  constructor() {
    this.#item = this.#store.add(
      vscode.window.createStatusBarItem('agentWorld.follow', vscode.StatusBarAlignment.Left, 49),
    );
    this.#item.name = vscode.l10n.t('Agent World: Following');
    this.#item.command = 'agentWorld.stopFollowing';
  }

  show(member: PresentMember): void {
    const name = memberLabel(member);
    const text = vscode.l10n.t('Following {0}', name);
    const how = vscode.l10n.t('Type, scroll, press Escape or click here to stop.');
    this.#item.text = `$(eye) ${text}`;
    const where = member.path === '' ? vscode.l10n.t('{0} is in no file now.', name) : member.path;
    const tooltip = new vscode.MarkdownString().appendText(where);
    this.#item.tooltip = tooltip.appendMarkdown('\n\n').appendText(how);
    this.#item.accessibilityInformation = { label: `${text}. ${how}`, role: 'button' };
    this.#item.show();
  }

  hide(): void {
    this.#item.hide();
  }

  dispose(): void {
    this.#store.dispose();
  }
}
