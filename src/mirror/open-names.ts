/**
 * Owns: whether an open file still has a name after it was replaced or removed at its path, which
 * tells that somebody gave it another one just before. Does not know: what to do about it.
 */
import type { FileHandle } from 'node:fs/promises';
import type { DiskPort } from '../host/disk-port.ts';
import { systemCode } from '../host/host-error.ts';

/** How many names the open file has, if it is the one at this path; else undefined. */
export async function namesAt(
  disk: DiskPort,
  file: string,
  handle: FileHandle,
): Promise<number | undefined> {
  const { ino, nlink } = await handle.stat();
  try {
    return (await disk.lstat(file)).ino === ino ? nlink : undefined;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

export class OpenNames {
  readonly #disk: DiskPort;
  #isTelling: Promise<boolean> | undefined;

  constructor(disk: DiskPort) {
    this.#disk = disk;
  }

  /** True where the file has as many names as before, though the one at its path was taken away. */
  async isElsewhere(handle: FileHandle, namesBefore: number, probe: string): Promise<boolean> {
    if ((await handle.stat()).nlink < namesBefore) return false;
    this.#isTelling ??= isTelling(this.#disk, probe);
    return this.#isTelling;
  }
}

/**
 * Network file systems keep a replaced file under a hidden name for as long as it is open, and some
 * count no names: there this says nothing. What they do is tried, at two paths that begin so.
 */
async function isTelling(disk: DiskPort, probe: string): Promise<boolean> {
  const [former, next] = [`${probe}1`, `${probe}2`];
  try {
    await Promise.all([makeEmpty(disk, former), makeEmpty(disk, next)]);
    const handle = await disk.open(former, 'r');
    try {
      await disk.rename(next, former);
      return (await handle.stat()).nlink === 0;
    } finally {
      await handle.close();
    }
  } finally {
    await Promise.all([disk.rm(former, { force: true }), disk.rm(next, { force: true })]);
  }
}

async function makeEmpty(disk: DiskPort, file: string): Promise<void> {
  const handle = await disk.open(file, 'wx');
  await handle.close();
}
