import * as vscode from 'vscode';
import { RESTORATION_ANSWERS } from '../../core/restoration.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { Restoration } from '../../world/restoration-rows.ts';
import { questionsForUser } from './asked-questions.ts';
import { answerLabel, questionText } from './question-words.ts';
import { COMMAND_OF } from './question-commands.ts';

/** So many that come at once are told one by one. */
const MOST_SINGLY = 3;

/** Tells of questions that the user may answer, each once in a window. To close a notification answers nothing. */
export class QuestionNotices {
  /** By world and question. */
  readonly #told = new Set<string>();

  /** `isFirst`: the window has just got to know of the world's questions; they may have waited for long. */
  tell(current: FolderWorld, isFirst: boolean): void {
    const { session, world } = current;
    const fresh = questionsForUser(session).filter(
      ({ restorationId }) => !this.#told.has(`${world.database} ${restorationId}`),
    );
    for (const { restorationId } of fresh) this.#told.add(`${world.database} ${restorationId}`);
    if (fresh.length > (isFirst ? 1 : MOST_SINGLY)) void tellMany(fresh.length);
    else for (const question of fresh) void tellOne(current, question);
  }
}

async function tellOne({ session }: FolderWorld, question: Restoration): Promise<void> {
  const { cause, restorationId } = question;
  const show = vscode.l10n.t('Show');
  const labels = RESTORATION_ANSWERS.map((answer) => answerLabel(cause, answer));
  const text = `${questionText(session, question)}.`;
  const picked = await vscode.window.showWarningMessage(text, ...labels, show);
  const answer = RESTORATION_ANSWERS[labels.indexOf(picked ?? '')];
  if (picked === undefined) return;
  const command = answer === undefined ? 'showFoldersAsk' : COMMAND_OF[answer];
  await vscode.commands.executeCommand(`agentWorld.${command}`, `question ${restorationId}`);
}

async function tellMany(count: number): Promise<void> {
  const show = vscode.l10n.t('Show');
  const text = vscode.l10n.t(
    '{0} questions of folders wait for an answer. Until then nothing changes for anybody.',
    count,
  );
  const picked = await vscode.window.showWarningMessage(text, show);
  if (picked === show) await vscode.commands.executeCommand('agentWorld.showFoldersAsk');
}
