import { SETTINGS_FILE } from '../world/folder-settings.ts';

/** The setting that lets several windows save one folder's files, and what it is set to. */
export const SAVE_SETTING = 'files.saveConflictResolution';
export const OVERWRITE = 'overwriteFileOnDisk';

export { SETTINGS_FILE } from '../world/folder-settings.ts';

/** The settings file that Agent World makes for a folder that has none. */
export const OWN_SETTINGS = `${JSON.stringify({ [SAVE_SETTING]: OVERWRITE }, undefined, 4)}\n`;

/**
 * True for a settings file that has nothing but what Agent World wrote: how one machine saves is not
 * everybody's business. Once the user changes it, it is theirs and belongs into the world.
 */
export function isOwnSettings(path: string, bytes: Uint8Array): boolean {
  return path === SETTINGS_FILE && new TextDecoder().decode(bytes) === OWN_SETTINGS;
}
