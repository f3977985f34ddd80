import * as vscode from 'vscode';
import { profileIn } from '../../world/profile.ts';
import { excludesIn } from '../../editor/excludes.ts';
import { withProgress } from '../with-progress.ts';
import { readSettings } from '../../editor/settings.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import type { WindowWorld } from '../../editor/window-world.ts';
import { openFolder } from '../../world/open-folder.ts';
import type { Profile } from '../../world/publish.ts';

/** Makes a world of the window's folder, or goes on with the one it has, showing how it goes. */
export async function openFolderInWorld(
  surroundings: ExtensionSurroundings,
  window: WindowWorld,
): Promise<void> {
  const folder = await pickFolder(window);
  if (folder === undefined) return;
  const title = vscode.l10n.t('Opening {0} in a world', folder.name);
  const opened = await withProgress(title, async ({ signal, report }) =>
    openFolder(surroundings, {
      folder: folder.uri.fsPath,
      server: surroundings.defaultServer,
      profile: await profileOf(folder.uri.fsPath),
      signal,
      exclude: excludesIn(folder),
      onProgress: ({ files, totalFiles }) =>
        report(files, totalFiles, vscode.l10n.t('{0} of {1} files', files, totalFiles)),
    }),
  );
  await window.enter(opened.world, folder, opened.session);
  const { imported } = opened;
  if (imported === undefined) return;
  const skipped = imported.skipped.length;
  const brought = vscode.l10n.t('The world has {0} files now.', imported.files);
  void vscode.window.showInformationMessage(
    skipped === 0
      ? brought
      : `${brought} ${vscode.l10n.t('Left out: {0} (links, and files that a world cannot hold).', skipped)}`,
  );
}

/** The folder that is to come into a world; asks where the window has several that are in none. */
export async function pickFolder(window: WindowWorld): Promise<vscode.WorkspaceFolder | undefined> {
  const folders = window.foldersOutside();
  if (folders.length > 1) {
    const picked = await vscode.window.showQuickPick(
      folders.map((folder) => ({ label: folder.name, description: folder.uri.fsPath, folder })),
      { title: vscode.l10n.t('Which folder?') },
    );
    return picked?.folder;
  }
  if (folders[0] === undefined) tellNoFolder();
  return folders[0];
}

function tellNoFolder(): void {
  if ((vscode.workspace.workspaceFolders ?? []).length > 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Every folder of this window that is on a disk is in a world already.'),
    );
    return;
  }
  const open = vscode.l10n.t('Open Folder…');
  void vscode.window
    .showInformationMessage(vscode.l10n.t('Open a folder first.'), open)
    .then((answer) =>
      answer === open ? vscode.commands.executeCommand('vscode.openFolder') : undefined,
    );
}

/** How the user is called in a new world: as they set it, else as git and the system know them. */
export async function profileOf(folder: string): Promise<Profile> {
  const profile = await profileIn(folder);
  const { displayName } = readSettings();
  return displayName === '' ? profile : { ...profile, displayName };
}
