import path from 'node:path';
import * as vscode from 'vscode';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import { demandFreeFolder } from '../../world/place-tree.ts';
import { profileIn } from '../../world/profile.ts';
import { restoreWorld } from '../../world/restore.ts';
import { WorldError } from '../../world/world-error.ts';
import { openInWindow } from '../open-in-window.ts';
import { withProgress } from '../with-progress.ts';
import { opProgress } from './op-progress.ts';
import { askServerLabel } from './server-box.ts';

/** Makes a world of a backup: on a server, and in a new folder if the user wants one. */
export async function restoreFromBackup(surroundings: ExtensionSurroundings): Promise<void> {
  const chosen = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('The backup of a world'),
    openLabel: vscode.l10n.t('Restore'),
    filters: { [vscode.l10n.t('Backup of a world')]: ['world'] },
  });
  const file = chosen?.[0]?.fsPath;
  if (file === undefined) return;
  const label = await askServerLabel(vscode.l10n.t('Where shall the world live?'), () => true);
  const folder = label && (await askFolder(surroundings, file));
  if (label === undefined || folder === undefined) return;
  const { world, ops, files } = await withProgress(
    vscode.l10n.t('Restoring {0}', path.basename(file)),
    async (task) =>
      restoreWorld(surroundings, {
        file,
        server: surroundings.serverFor(label),
        profile: await profileIn(path.dirname(file)),
        ...(folder === '' ? {} : { folder }),
        onProgress: opProgress(task),
        signal: task.signal,
      }),
  );
  const restored = vscode.l10n.t('“{0}” is restored: {1} ops, {2} files.', world.name, ops, files);
  const open = vscode.l10n.t('Open Its Folder');
  const answers = world.folder === '' ? [] : [open];
  if ((await vscode.window.showInformationMessage(restored, ...answers)) !== open) return;
  await openInWindow(world.folder);
}

/** Empty for a world without a folder; undefined when the user gave up. */
function askFolder(
  surroundings: ExtensionSurroundings,
  file: string,
): Thenable<string | undefined> {
  const usual = path.join(path.dirname(file), path.basename(file, path.extname(file)));
  return vscode.window.showInputBox({
    title: vscode.l10n.t('A folder for the world’s files'),
    prompt: vscode.l10n.t('A new or empty folder. Leave it empty for a world without one.'),
    value: usual,
    ignoreFocusOut: true,
    validateInput: (text) => faultOf(surroundings, text.trim()),
  });
}

async function faultOf(
  surroundings: ExtensionSurroundings,
  folder: string,
): Promise<string | undefined> {
  if (folder === '') return undefined;
  if (!path.isAbsolute(folder)) return vscode.l10n.t('Give the whole path of the folder.');
  try {
    await demandFreeFolder(surroundings, folder);
    return undefined;
  } catch (error) {
    if (error instanceof WorldError) return error.message;
    throw error;
  }
}
