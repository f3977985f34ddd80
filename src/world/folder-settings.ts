import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../host/host-error.ts';

/** Where a folder's settings are, by its path in the world. */
export const SETTINGS_FILE = '.vscode/settings.json';
/** The setting that names what stays out of a folder's world. */
export const EXCLUDE_SETTING = 'agentWorld.exclude';

/**
 * What the folder's own settings keep out of its world: patterns in the syntax of `.gitignore`. For
 * whoever has no editor to ask. Settings that cannot be read say nothing.
 */
export async function readExcludes(folder: string): Promise<readonly string[]> {
  let text: string;
  try {
    text = await readFile(path.join(folder, ...SETTINGS_FILE.split('/')), 'utf8');
  } catch (error) {
    if (systemCode(error) !== undefined) return [];
    throw error;
  }
  return excludesOf(parseWithComments(text));
}

/** The patterns in a value of the setting, or in settings that have it; anything else has none. */
export function excludesOf(settings: unknown): readonly string[] {
  const found: unknown =
    typeof settings === 'object' && settings !== null && EXCLUDE_SETTING in settings
      ? settings[EXCLUDE_SETTING]
      : settings;
  return Array.isArray(found) ? found.filter((each) => typeof each === 'string') : [];
}

/** JSON as VS Code's settings have it: with comments, and commas before a closing bracket. */
function parseWithComments(text: string): unknown {
  const plain = text
    .replace(/^\uFEFF/, '')
    .replaceAll(STRING_OR_COMMENT, (found) => (found.startsWith('"') ? found : ' '))
    .replaceAll(STRING_OR_COMMA, (found, bracket: string | undefined) => bracket ?? found);
  try {
    return JSON.parse(plain);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const STRING_OR_COMMENT = /"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
const STRING_OR_COMMA = /"(?:[^"\\]|\\.)*"|,\s*([\]}])/g;
