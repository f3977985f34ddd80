import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { systemCode } from '../host/host-error.ts';
import type { WorldLog } from '../world/log.ts';
import {
  isOwnSettings,
  OVERWRITE,
  OWN_SETTINGS,
  SAVE_SETTING,
  SETTINGS_FILE,
} from '../mirror/own-settings.ts';

/**
 * Lets several windows save the files of one folder: without it VS Code refuses the second window's
 * save because "the content of the file is newer". Overwriting loses nothing in a bound folder: every
 * window's text has what all others typed, and what else was written to the disk is in the world. Of a document that
 * is not live the save is judged on what it had loaded (`PlainSaves`).
 * Where the folder has settings they are everybody's, so it is the user who decides. `tellWindows`
 * makes every window call `noticeSaveSetting`.
 */
export async function overwriteOnSave(
  folder: vscode.WorkspaceFolder,
  tellWindows: () => Promise<void>,
  output: WorldLog,
): Promise<void> {
  const settings = vscode.workspace.getConfiguration(undefined, folder.uri);
  if (settings.get(SAVE_SETTING) === OVERWRITE) return;
  try {
    if (await writeNewSettings(folder)) {
      output.info('editor.save_setting', { setting: SAVE_SETTING });
      await tellWindows();
      void vscode.window.showInformationMessage(
        vscode.l10n.t(
          'This folder is open in more than one window. Agent World set “{0}” for it, so that all of them can save; the world keeps everybody’s text.',
          SAVE_SETTING,
        ),
      );
    } else {
      await askWhere(settings);
    }
  } catch (error) {
    output.warn('editor.no_save_setting', { error: String(error) });
  }
}

/**
 * Makes VS Code heed a settings file that Agent World has just made. By itself it looks every 5 s for
 * a folder `.vscode` that was not there when the window opened, and refuses saves until then. To set
 * what is set already writes nothing, and reads the file.
 */
export async function noticeSaveSetting(
  folder: vscode.WorkspaceFolder,
  output: WorldLog,
): Promise<void> {
  const settings = vscode.workspace.getConfiguration(undefined, folder.uri);
  if (settings.get(SAVE_SETTING) === OVERWRITE) return;
  try {
    if (!isOwnSettings(SETTINGS_FILE, await readFile(settingsFileOf(folder)))) return;
    await settings.update(SAVE_SETTING, OVERWRITE, vscode.ConfigurationTarget.WorkspaceFolder);
  } catch (error) {
    output.warn('editor.save_setting_unread', { error: String(error) });
  }
}

async function askWhere(settings: vscode.WorkspaceConfiguration): Promise<void> {
  const forFolder = vscode.l10n.t('Set for this folder');
  const forAll = vscode.l10n.t('Set for all my folders');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t(
      'This folder is open in more than one window. All of them can save if “{0}” is “{1}”; the world keeps everybody’s text. The folder’s settings are shared with the others in the world.',
      SAVE_SETTING,
      OVERWRITE,
    ),
    forFolder,
    forAll,
  );
  if (answer === undefined) return;
  const { WorkspaceFolder, Global } = vscode.ConfigurationTarget;
  await settings.update(SAVE_SETTING, OVERWRITE, answer === forAll ? Global : WorkspaceFolder);
}

/** Takes the setting back, when the folder leaves its world. */
export async function restoreSaveSetting(folder: vscode.WorkspaceFolder): Promise<void> {
  const settings = vscode.workspace.getConfiguration(undefined, folder.uri);
  if (settings.inspect(SAVE_SETTING)?.workspaceFolderValue !== OVERWRITE) return;
  await settings.update(SAVE_SETTING, undefined, vscode.ConfigurationTarget.WorkspaceFolder);
}

/**
 * Makes the folder's settings file; says false where there is one. VS Code would make an empty one,
 * type into it and save: the mirror could take both the typing and the save for somebody's edit.
 */
async function writeNewSettings(folder: vscode.WorkspaceFolder): Promise<boolean> {
  const file = settingsFileOf(folder);
  await mkdir(path.dirname(file), { recursive: true });
  try {
    await writeFile(file, OWN_SETTINGS, { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function settingsFileOf(folder: vscode.WorkspaceFolder): string {
  return path.join(folder.uri.fsPath, ...SETTINGS_FILE.split('/'));
}
