import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { may } from '../../world/rights.ts';

/** True where the user may write; says what to do where not. */
export function mayWrite({ session: { view, identity } }: FolderWorld): boolean {
  const self = view.members.get(identity);
  if (may(self, 'edit')) return true;
  void vscode.window.showWarningMessage(
    self?.paused
      ? vscode.l10n.t('You are paused in this world. An owner can resume you.')
      : vscode.l10n.t('You may read this world, but not change it. An owner can let you edit.'),
  );
  return false;
}
