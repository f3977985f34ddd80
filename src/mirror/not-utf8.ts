/** Owns: looking at a file whose name is not UTF-8, which no string names. What it has goes nowhere. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { systemCode } from '../host/host-error.ts';
import { hashOf } from './disk-files.ts';

const TO_READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * SHA-256 of the bytes of a file, 64 hex digits; undefined where there is none that may be read. `bytePath`: from
 * the folder `root`, each byte as a character.
 */
export async function hashAt(root: string, bytePath: string): Promise<string | undefined> {
  const file = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(bytePath, 'latin1')]);
  try {
    const handle = await open(file, TO_READ);
    try {
      return (await handle.stat()).isFile() ? hashOf(await handle.readFile()) : undefined;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
