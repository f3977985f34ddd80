import * as vscode from 'vscode';
import { restoreSaveSetting } from '../../editor/save-setting.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import type { WindowWorld } from '../../editor/window-world.ts';

/** Lets a folder go from its world, after saying what stays. */
export async function leaveWorld(
  { worlds }: ExtensionSurroundings,
  window: WindowWorld,
): Promise<void> {
  const { current } = window;
  if (current === undefined) return;
  const leave = vscode.l10n.t('Leave');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Leave the world “{0}”?', current.world.name),
    { modal: true, detail: whatStays(current.documents.filesWaiting) },
    leave,
  );
  if (answer !== leave) return;
  const { world, folder } = current;
  await window.leave();
  await worlds.put({ ...world, folder: '' });
  await restoreSaveSetting(folder);
}

function whatStays(filesWaiting: number): string {
  const stays = [
    vscode.l10n.t('All files stay in this folder as they are now.'),
    vscode.l10n.t('The world stays with its history, and you stay a member of it.'),
    vscode.l10n.t('From now on edits here do not reach the others, nor theirs you.'),
  ];
  if (filesWaiting > 0) {
    stays.push(
      vscode.l10n.t(
        'Files with edits that the world does not have yet: {0}. They are kept, and sent when this folder is opened in the world again.',
        filesWaiting,
      ),
    );
  }
  return stays.join('\n\n');
}
