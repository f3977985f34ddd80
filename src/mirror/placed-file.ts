/**
 * Owns: reading what is at a place, and making what comes there: the parts that every way to replace a file is made
 * of. Does not know: when, and what is done about somebody who is quicker.
 */
import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { DiskPort } from '../host/disk-port.ts';
import { systemCode } from '../host/host-error.ts';
import { isHeld, tryAgain } from '../host/try-again.ts';
import { DRAFT_SUFFIX } from '../world/own-names.ts';
import { hashOf } from './bytes-hash.ts';
import type { Replaced } from './file-exchange.ts';
import { FileInUse } from './file-in-use.ts';
import { keepBits, type ModeBits, newPermissions } from './mode-bits.ts';
import { LinkInTheWay } from './pinned-folder.ts';

/** What the system says where there is nothing. */
export const MISSING: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);
/** What the system says to whoever opens a link, a socket, or a folder on Windows. */
const NO_FILE: ReadonlySet<string> = new Set(['ELOOP', 'EMLINK', 'ENXIO', 'EISDIR', 'EPERM']);
/** What it says where a file can have one name only. */
const LINKLESS: ReadonlySet<string> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
]);
/** `ERROR_INVALID_FUNCTION` and `ERROR_TOO_MANY_LINKS` on Windows, as libuv tells them. */
const LINKLESS_ON_WINDOWS: ReadonlySet<string> = new Set(['EISDIR', 'UNKNOWN']);

/** True for what the system says where a file can have one name only, or no more. */
export function isLinkless({ platform }: DiskPort, code: string): boolean {
  return LINKLESS.has(code) || (platform === 'win32' && LINKLESS_ON_WINDOWS.has(code));
}

/** A name that is nobody else's. */
export function draftName(): string {
  return `.${randomBytes(6).toString('hex')}${DRAFT_SUFFIX}`;
}

/** What is none of these systems' is 0 there. A pipe is not waited for. */
const TO_READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Most programs that let nobody read what they write are done within moments. */
const WRITING_MS = [0, 10, 20] as const;

/**
 * Fails on Windows unless nobody has the file open, and shares it with nobody until it is closed: libuv's
 * `UV_FS_O_EXLOCK`, which Node does not name.
 */
export const ALONE = constants.O_RDONLY | 0x1000_0000;

/** Throws `FileInUse` for a name that Windows has removed once nobody has its file open: it tells nothing of that. */
async function statusAt(disk: DiskPort, file: string): Promise<Stats> {
  try {
    return await disk.lstat(file);
  } catch (error) {
    throw disk.platform === 'win32' && systemCode(error) === 'EPERM' ? new FileInUse(error) : error;
  }
}

/**
 * Undefined where there is nothing, or something else than a file or a folder. Throws `FileInUse` where Windows lets
 * nobody else open it, or has it removed once nobody has it open.
 */
export async function openRegular(disk: DiskPort, file: string): Promise<FileHandle | undefined> {
  try {
    const open = (): Promise<FileHandle> => disk.open(file, TO_READ);
    if (disk.platform !== 'win32') return await open();
    return await tryAgain(open, disk, WRITING_MS, isHeld);
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (MISSING.has(code)) return undefined;
    const isOpen = disk.platform === 'win32' && isHeld(error);
    if (!isOpen && !NO_FILE.has(code)) throw error;
    // Of what may be read the path fails where a part of it does.
    if ((await statusAt(disk, file)).isFile()) throw isOpen ? new FileInUse(error) : error;
    return undefined;
  }
}

export async function readWhole(handle: FileHandle): Promise<Uint8Array> {
  const { size } = await handle.stat();
  const bytes = Buffer.alloc(size);
  let at = 0;
  while (at < size) {
    const { bytesRead } = await handle.read(bytes, at, size - at, at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return bytes.subarray(0, at);
}

/** Whoever wrote in place between the look and the exchange wrote to what is at no path any more. */
export async function lateBytes(former: FileHandle, hash: string | undefined): Promise<Replaced> {
  const bytes = await readWhole(former);
  return hashOf(bytes) === hash ? { tag: 'done' } : { tag: 'late', bytes };
}

/** `bits`: of the file that it replaces; a new one has what the user wants new files to have. */
export async function writeNew(
  disk: DiskPort,
  file: string,
  bytes: Uint8Array,
  { bits, executable }: { readonly bits: ModeBits | undefined; readonly executable: boolean },
): Promise<void> {
  // What others may not read is not to be read in the meantime.
  const handle = await disk.open(file, 'wx', bits ? 0o600 : newPermissions(executable));
  try {
    await handle.writeFile(bytes);
    if (bits) await keepBits(handle, bits, executable, disk.platform);
  } finally {
    await handle.close();
  }
}

/** Gives a new file its name, unless somebody else has taken it. */
export async function appear(disk: DiskPort, draft: string, file: string): Promise<Replaced> {
  try {
    await disk.link(draft, file);
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (code === 'EEXIST') return { tag: 'changed' };
    // Some file systems know no second names.
    if (!isLinkless(disk, code)) throw error;
    await disk.rename(draft, file);
  }
  return { tag: 'done' };
}

/** Throws `LinkInTheWay` for a link. */
export async function isOccupied(disk: DiskPort, file: string): Promise<boolean> {
  try {
    const status = await statusAt(disk, file);
    if (status.isSymbolicLink()) throw new LinkInTheWay();
    return !status.isFile();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}
