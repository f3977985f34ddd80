import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { systemCode } from '../host/host-error.ts';
import type { WorldLog } from '../world/log.ts';

const SETTING = 'files.saveConflictResolution';
const OVERWRITE = 'overwriteFileOnDisk';

/**
 * Lets several windows save the files of one folder: without it VS Code refuses the second window's
 * save because "the content of the file is newer". Overwriting loses nothing in a bound folder: every
 * window's text has what all others typed, and what else was written to the disk is in the world.
 * Written into the folder's settings, once, and told to the user.
 */
export async function overwriteOnSave(
  folder: vscode.WorkspaceFolder,
  output: WorldLog,
): Promise<void> {
  const settings = vscode.workspace.getConfiguration(undefined, folder.uri);
  if (settings.get(SETTING) === OVERWRITE) return;
  try {
    if (!(await writeNewSettings(folder))) {
      await settings.update(SETTING, OVERWRITE, vscode.ConfigurationTarget.WorkspaceFolder);
    }
    output.info('editor.save_setting', { setting: SETTING });
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'This folder is open in more than one window. Agent World set “{0}” for it, so that all of them can save; the world keeps everybody’s text.',
        SETTING,
      ),
    );
  } catch (error) {
    output.warn('editor.no_save_setting', { error: String(error) });
  }
}

/** Takes the setting back, when the folder leaves its world. */
export async function restoreSaveSetting(folder: vscode.WorkspaceFolder): Promise<void> {
  const settings = vscode.workspace.getConfiguration(undefined, folder.uri);
  if (settings.inspect(SETTING)?.workspaceFolderValue !== OVERWRITE) return;
  await settings.update(SETTING, undefined, vscode.ConfigurationTarget.WorkspaceFolder);
}

/**
 * Makes the folder's settings file; says false where there is one. VS Code would make an empty one,
 * type into it and save: the mirror could take both the typing and the save for somebody's edit.
 */
async function writeNewSettings(folder: vscode.WorkspaceFolder): Promise<boolean> {
  const file = path.join(folder.uri.fsPath, '.vscode', 'settings.json');
  await mkdir(path.dirname(file), { recursive: true });
  try {
    const text = JSON.stringify({ [SETTING]: OVERWRITE }, undefined, 4);
    await writeFile(file, `${text}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}
