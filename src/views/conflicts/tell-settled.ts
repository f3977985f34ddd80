import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { StopListening } from '../../world/listeners.ts';

const SHOWN_MS = 8_000;

/** Says quietly that a conflict is none any more, because both sides became the same. */
export function tellSettled({ session }: FolderWorld): StopListening {
  return session.view.onConflict(({ what, fileId }) => {
    if (what !== 'settled') return;
    const path = session.view.files.get(fileId)?.path ?? '';
    vscode.window.setStatusBarMessage(
      `$(pass) ${vscode.l10n.t('A conflict in {0} settled by itself: both sides are the same now.', path)}`,
      SHOWN_MS,
    );
  });
}
