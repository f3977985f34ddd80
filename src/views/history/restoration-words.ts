import * as vscode from 'vscode';
import type { RestorationAnswer } from '../../core/restoration.ts';
import type { RestorationAction } from '../../core/restoration-action.ts';

/** What somebody did about a question of a folder, after their name. */
export function restorationText(action: RestorationAction): string {
  switch (action.does) {
    case 'ask':
      return action.fileCount === 1
        ? vscode.l10n.t('asked about a file in the folder “{0}”', action.folderName)
        : vscode.l10n.t(
            'asked about {0} files in the folder “{1}”',
            action.fileCount,
            action.folderName,
          );
    case 'answer':
      return answerText(action.answer);
    case 'withdraw':
      return vscode.l10n.t('withdrew a question: the folder is in step again');
  }
}

function answerText(answer: RestorationAnswer): string {
  switch (answer) {
    case 'put_back':
      return vscode.l10n.t('answered a folder: the world’s text is put back into it');
    case 'take':
      return vscode.l10n.t('answered a folder: what it has is taken');
    case 'leave':
      return vscode.l10n.t('answered a folder: it stays as it is, and pauses');
  }
}
