import * as vscode from 'vscode';
import type { MeetingMark } from '../../decorations/meeting-lines.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';

/** Says in the status bar that members are about to meet in the active editor's file; a click goes there. */
export class MeetingStatus implements Disposable {
  readonly #store = new DisposableStore();
  readonly #item: vscode.StatusBarItem;

  constructor() {
    this.#item = this.#store.add(
      vscode.window.createStatusBarItem('agentWorld.meetings', vscode.StatusBarAlignment.Left, 48),
    );
    this.#item.name = vscode.l10n.t('Agent World: About to Meet');
    this.#item.command = 'agentWorld.nextMeeting';
  }

  show(marks: readonly MeetingMark[]): void {
    const [first] = marks;
    if (!first) {
      this.#item.hide();
      return;
    }
    const places = vscode.l10n.t('About to meet: {0}', marks.length);
    const line = vscode.l10n.t('Line {0}', first.firstLine + 1);
    this.#item.text = `$(arrow-both) ${places}`;
    this.#item.tooltip = new vscode.MarkdownString().appendText(`${line}: ${first.words}`);
    const label = `${places}. ${line}: ${first.words}`;
    this.#item.accessibilityInformation = { label, role: 'button' };
    this.#item.show();
  }

  dispose(): void {
    this.#store.dispose();
  }
}
