import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { NotLive } from '../../mirror/why-not-live.ts';
import { tooltipLines } from '../tooltip-lines.ts';
import { wordsOf } from './not-live-words.ts';

/** Says in the status bar that the file in front is not live, and why; a click opens what is written about that. */
export class NotLiveStatus implements Disposable {
  readonly #store = new DisposableStore();
  readonly #item: vscode.StatusBarItem;

  constructor() {
    this.#item = this.#store.add(
      vscode.window.createStatusBarItem('agentWorld.notLive', vscode.StatusBarAlignment.Left, 47),
    );
    this.#item.name = vscode.l10n.t('Agent World: Not Live');
    this.#item.command = 'agentWorld.whatIsLive';
  }

  show(why: NotLive | undefined): void {
    if (why === undefined) {
      this.#item.hide();
      return;
    }
    const { short, sentence, advice } = wordsOf(why);
    const text = vscode.l10n.t('Not live: {0}', short);
    this.#item.text = `$(circle-slash) ${text}`;
    this.#item.tooltip = tooltipLines([`${sentence}.`, advice]);
    this.#item.accessibilityInformation = {
      label: `${text}. ${sentence}. ${advice}`,
      role: 'button',
    };
    this.#item.show();
  }

  dispose(): void {
    this.#store.dispose();
  }
}
