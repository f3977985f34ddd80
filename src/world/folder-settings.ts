import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../host/host-error.ts';
import { TEMPORARY_NAMES } from './temporary-names.ts';

/** Where a folder's settings are, by its path in the world. */
export const SETTINGS_FILE = '.vscode/settings.json';
/** The setting that names what stays out of a folder's world. */
export const EXCLUDE_SETTING = 'agentWorld.exclude';

/** The setting that names files which are there for a moment only. */
export const TEMPORARY_SETTING = 'agentWorld.temporaryNames';

/**
 * What the folder's own settings keep out of its world: patterns in the syntax of `.gitignore`. For
 * whoever has no editor to ask. Settings that cannot be read say nothing.
 */
export async function readExcludes(folder: string): Promise<readonly string[]> {
  return excludesOf(await readSettings(folder));
}

/** Which names of files are there for a moment only, by the folder's own settings, or by ours. */
export async function readTemporaryNames(folder: string): Promise<readonly string[]> {
  return patternsOf(await readSettings(folder), TEMPORARY_SETTING) ?? TEMPORARY_NAMES;
}

async function readSettings(folder: string): Promise<unknown> {
  try {
    const text = await readFile(path.join(folder, ...SETTINGS_FILE.split('/')), 'utf8');
    return parseWithComments(text);
  } catch (error) {
    if (systemCode(error) !== undefined) return undefined;
    throw error;
  }
}

/** The patterns in a value of the setting, or in settings that have it; anything else has none. */
export function excludesOf(settings: unknown): readonly string[] {
  return patternsOf(settings, EXCLUDE_SETTING) ?? patternsOf(settings) ?? [];
}

/** The same for names of files that are there for a moment; ours where it has none. */
export function temporaryNamesOf(value: unknown): readonly string[] {
  return patternsOf(value) ?? TEMPORARY_NAMES;
}

function patternsOf(value: unknown, setting?: string): readonly string[] | undefined {
  const found =
    setting === undefined
      ? value
      : typeof value === 'object' && value !== null
        ? (value as Record<string, unknown>)[setting]
        : undefined;
  return Array.isArray(found) ? found.filter((each) => typeof each === 'string') : undefined;
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
