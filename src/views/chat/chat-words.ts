/** Owns: what people read of a tool's call in the chat, before it runs. */
import * as vscode from 'vscode';

type Question = vscode.LanguageModelToolConfirmationMessages;

/** What is going to happen, in one line. */
export function whatItDoes(title: string, input: object): string {
  const { path, glob, folder } = input as Readonly<Record<string, unknown>>;
  const place = [path, glob, folder].find((each) => typeof each === 'string' && each !== '');
  return place === undefined ? title : vscode.l10n.t('{0}: {1}', title, place as string);
}

export function askBeforeCopy(input: object): Question {
  const { folder } = input as { readonly folder?: unknown };
  return {
    title: vscode.l10n.t('Copy the world into a folder?'),
    message: vscode.l10n.t(
      'All files of the world are written into {0}, which has to be new or empty.',
      String(folder),
    ),
  };
}

/** `paths` are not none. */
export function askBeforeDeletion(paths: readonly string[]): Question {
  const listed = paths.slice(0, SHOWN_PATHS).join(', ');
  const more = paths.length - SHOWN_PATHS;
  return {
    title: vscode.l10n.t('Delete files for everybody?'),
    message: [
      more > 0
        ? vscode.l10n.t('All members of the world lose {0} and {1} more.', listed, more)
        : vscode.l10n.t('All members of the world lose {0}.', listed),
      vscode.l10n.t('They stay in the history, from which they can be restored.'),
    ].join(' '),
  };
}

const SHOWN_PATHS = 10;
