import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { tooltipLines } from '../tooltip-lines.ts';
import { questionsForUser } from './asked-questions.ts';
import { questionText } from './question-words.ts';

interface Appearance {
  readonly text: string;
  readonly label: string;
  readonly lines: readonly string[];
  readonly isWarning: boolean;
}

/** In the status bar while this folder pauses, files of it wait, or some folder asks; a click shows the list. */
export class FolderStatus implements Disposable {
  readonly #store = new DisposableStore();
  readonly #item: vscode.StatusBarItem;

  constructor() {
    this.#item = this.#store.add(
      vscode.window.createStatusBarItem('agentWorld.folder', vscode.StatusBarAlignment.Left, 49),
    );
    this.#item.name = vscode.l10n.t('Agent World: what folders ask');
    this.#item.command = 'agentWorld.showFoldersAsk';
  }

  update(current: FolderWorld | undefined): void {
    const item = this.#item;
    const shown = current && appearanceOf(current);
    if (shown === undefined) {
      item.hide();
      return;
    }
    const { text, label, lines, isWarning } = shown;
    item.text = text;
    item.tooltip = tooltipLines(lines);
    item.accessibilityInformation = { label, role: 'button' };
    item.backgroundColor = isWarning
      ? new vscode.ThemeColor('statusBarItem.warningBackground')
      : undefined;
    item.show();
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function appearanceOf({ session, waiting }: FolderWorld): Appearance | undefined {
  const { t } = vscode.l10n;
  const asked = questionsForUser(session);
  const questions = asked.map((question) => `${questionText(session, question)}.`);
  const count = waiting.size;
  if (waiting.folder !== undefined) {
    const label = t('This folder is missing or empty');
    const kept = t('Nothing is deleted for anybody until somebody answers.');
    return warning('$(warning)', t('folder missing'), [`${label}.`, kept, ...questions]);
  }
  if (waiting.isPaused) {
    const label = t('This folder is not kept in step: by an answer it was left as it is.');
    const until = t('It goes on when it is as the world has it, or by another answer.');
    return warning('$(debug-pause)', t('folder paused'), [label, until, ...questions]);
  }
  if (count > 0) {
    const label = t('Files of this folder that wait for an answer: {0}.', count);
    const rest = t('They are not kept in step until then; everything else is.');
    return warning('$(question)', t('files waiting: {0}', count), [label, rest, ...questions]);
  }
  if (asked.length === 0) return undefined;
  const label = t('Questions of folders: {0}', asked.length);
  return { text: `$(question) ${asked.length}`, label, lines: questions, isWarning: false };
}

function warning(icon: string, text: string, lines: readonly string[]): Appearance {
  return { text: `${icon} ${text}`, label: lines.join(' '), lines, isWarning: true };
}
