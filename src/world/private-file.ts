/** Owns: files with secrets, which nobody but this user can read. */
import { link, open, rm } from 'node:fs/promises';
import { systemCode } from '../host/host-error.ts';
import { WorldError } from './world-error.ts';

const OPEN_TO_OTHERS = 0o077;

/** Throws `WorldError` `bad_token` where others may read the file, or it cannot be read; never with its text. */
export async function readPrivately(file: string): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      // Of what was opened, not of what the path leads to by then.
      const { mode, uid } = await handle.stat();
      const user = process.getuid?.();
      if (user !== undefined && (uid !== user || (mode & OPEN_TO_OTHERS) !== 0)) {
        const remedy = uid === user ? `run: chmod 600 '${file}'` : 'it belongs to another user';
        throw new WorldError('bad_token', `Others may read the token in ${file}; ${remedy}`);
      }
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof WorldError) throw error;
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw new WorldError('bad_token', `The token file ${file} cannot be read (${code})`);
  }
}

/** Makes a file, whole or not at all. Two may come at once: the file of the first counts for both. */
export async function writeUnlessThere(file: string, content: string): Promise<void> {
  const draft = `${file}.${crypto.randomUUID()}.tmp`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(draft, file);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
