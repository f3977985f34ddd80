/**
 * Owns: making all files what they were at a point of the history, once the user has agreed. Does not
 * know: which point.
 */
import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { ChangeResult } from '../../world/change-tally.ts';
import { restoreAllFiles } from '../../world/restore-all-files.ts';
import type { RandomBytes } from '../../world/uuid.ts';
import type { ChangedFile } from '../../world/version-at.ts';

/** What the user may answer to the question. */
export type RestoreAnswer = 'restore' | 'compare' | undefined;

export async function askToRestore(
  name: string,
  changed: readonly ChangedFile[],
): Promise<RestoreAnswer> {
  const gone = changed.filter(({ wasThere }) => !wasThere).length;
  const count = [
    vscode.l10n.t('Files that change: {0}.', changed.length),
    ...(gone > 0 ? [vscode.l10n.t('Made since, and deleted now: {0}.', gone)] : []),
  ];
  const detail = [
    count.join('\n'),
    vscode.l10n.t(
      'It is done for everybody in this world, as your own work. The history keeps what was done since, and everything can be brought back.',
    ),
  ];
  const restore = vscode.l10n.t('Restore All Files');
  const compare = vscode.l10n.t('Compare First');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Make all files what they were at “{0}”?', name),
    { modal: true, detail: detail.join('\n\n') },
    restore,
    compare,
  );
  if (answer === compare) return 'compare';
  return answer === restore ? 'restore' : undefined;
}

export async function restoreAll(
  { session }: FolderWorld,
  name: string,
  changed: readonly ChangedFile[],
  randomBytes: RandomBytes,
): Promise<void> {
  const title = vscode.l10n.t('Restoring all files to {0}', name);
  const location = vscode.ProgressLocation.Notification;
  const result = await vscode.window.withProgress({ location, title }, () =>
    restoreAllFiles({ session, randomBytes, author: '' }, changed),
  );
  tellOutcome(result, vscode.l10n.t('All files are as they were at “{0}”.', name));
}

/** Says what became of changes to several files; `done` where nothing stood against them. */
export function tellOutcome({ ticketIds, refused }: ChangeResult, done: string): void {
  const show = vscode.l10n.t('Show Conflicts');
  if (refused.length > 0) {
    const { path: file, message } = refused[0]!;
    void vscode.window.showErrorMessage(
      vscode.l10n.t('Not everything was done. {0}: {1}', file, message),
    );
  } else if (ticketIds.length > 0) {
    void vscode.window
      .showWarningMessage(
        vscode.l10n.t(
          'Somebody wrote there meanwhile. Your change waits in “Conflicts” for a decision.',
        ),
        show,
      )
      .then((answer) =>
        answer === show ? vscode.commands.executeCommand('agentWorld.conflicts.focus') : undefined,
      );
  } else {
    void vscode.window.showInformationMessage(done);
  }
}
