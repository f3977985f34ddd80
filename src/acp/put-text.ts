/**
 * Owns: that a file of an agent's folder is written whole: whoever reads it, its mirror too, finds the text before or
 * the new one, and never none or a part. Does not know: whose folder it is.
 */
import { randomBytes } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../host/host-error.ts';
import { replaceFile } from '../host/replace-file.ts';
import { DRAFT_SUFFIX } from '../world/own-names.ts';

const PERMISSIONS = 0o7777;
const NEW_PERMISSIONS = 0o666;

/** Follows no link at the path, and keeps who may read the file. Rejects with the system's error. */
export async function putText(file: string, text: string): Promise<void> {
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true });
  const mode = await modeOf(file);
  const draft = path.join(folder, `.${randomBytes(6).toString('hex')}${DRAFT_SUFFIX}`);
  const options = { draft, mode: mode ?? NEW_PERMISSIONS, isExact: mode !== undefined };
  await replaceFile(file, text, options);
}

/** Undefined where there is no file. */
async function modeOf(file: string): Promise<number | undefined> {
  try {
    const status = await lstat(file);
    if (status.isFile()) return status.mode & PERMISSIONS;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  throw Object.assign(new Error(`${file} is no file.`), { code: 'EEXIST' });
}
