import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { versionUri } from '../history/version-texts.ts';
import { diskUri } from './disk-texts.ts';
import { fileOf, type QuestionNode, questionNumberOf } from './question-tree.ts';

/** Opens a file that a question is about: as the world has it, beside what this folder has of it. */
export async function openQuestionFile(
  { session, folder, waiting }: FolderWorld,
  node: QuestionNode,
): Promise<void> {
  const { t } = vscode.l10n;
  const number = questionNumberOf(node);
  const fileId = fileOf(node);
  const question = session.view.restorations.questions.get(number);
  const item = question?.items.find((each) => each.fileId === fileId);
  const head = fileId === undefined ? undefined : session.view.files.get(fileId);
  if (item === undefined || head === undefined || head.deleted) {
    void vscode.window.showInformationMessage(t('The world has this file no more.'));
    return;
  }
  const world = versionUri({ fileId: head.fileId, version: head.version }, head.path);
  // Only this folder's bytes are known here.
  const isHere = waiting.ofQuestion(number) !== undefined;
  if (!isHere) {
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.joinPath(folder.uri, head.path));
  } else if (item.what === 'deleted') {
    await vscode.commands.executeCommand('vscode.open', world, { preview: true });
  } else {
    const title = t('{0}: what the folder has ↔ what the world has', item.path);
    await vscode.commands.executeCommand('vscode.diff', diskUri(item.path), world, title);
  }
}
