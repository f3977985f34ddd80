import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { DiskPort } from '../host/disk-port.ts';
import { systemCode } from '../host/host-error.ts';

/** Who may do what with a file, as this disk has it: of that the world knows one bit. */
export interface ModeBits {
  /** Read, write and execute for owner, group and others: nine bits. */
  readonly permissions: number;
  readonly uid: number;
  readonly gid: number;
}

/** Bits that make a program run as somebody else are not taken over to new content. */
export function bitsOf({ mode, uid, gid }: Pick<Stats, 'mode' | 'uid' | 'gid'>): ModeBits {
  return { permissions: mode & 0o777, uid, gid };
}

export function isExecutable(
  { permissions }: Pick<ModeBits, 'permissions'>,
  platform: NodeJS.Platform,
): boolean {
  // Windows knows no such bit: files there are never executable in a world.
  return platform !== 'win32' && (permissions & OWNER_EXECUTES) !== 0;
}

/** Who may read may execute; other bits stay, and all do where the world's bit is so already. */
export function withExecutable(permissions: number, executable: boolean): number {
  if (((permissions & OWNER_EXECUTES) !== 0) === executable) return permissions;
  return executable ? permissions | ((permissions & MAY_READ) >> 2) : permissions & ~MAY_EXECUTE;
}

/** What a new file gets, of which the system takes off what the user wants no file to have. */
export function newPermissions(executable: boolean): number {
  return executable ? 0o777 : 0o666;
}

/** Gives a new file the bits of the one that it replaces, and its owner and group where that is allowed. */
export async function keepBits(
  handle: FileHandle,
  former: ModeBits,
  executable: boolean,
  platform: NodeJS.Platform,
): Promise<void> {
  if (platform === 'win32') return;
  let permissions = withExecutable(former.permissions, executable);
  const { uid, gid } = await handle.stat();
  if (uid !== former.uid || gid !== former.gid) {
    const isGiven = await tryChown(handle, former.uid, former.gid);
    // Another group must not get what the former one had.
    if (!isGiven && gid !== former.gid && !(await tryChown(handle, uid, former.gid))) {
      permissions &= ~0o070 | ((permissions & 0o007) << 3);
    }
  }
  await handle.chmod(permissions);
}

/** True where a file is executable once it was made so, and is not any more after that: tried with a new file. */
export async function keepsExecutable(disk: DiskPort, probe: string): Promise<boolean> {
  if (disk.platform === 'win32') return false;
  const handle = await disk.open(probe, 'wx', 0o600);
  try {
    for (const executable of [true, false]) {
      await handle.chmod(executable ? 0o700 : 0o600);
      if (isExecutable(bitsOf(await handle.stat()), disk.platform) !== executable) return false;
    }
    return true;
  } finally {
    await handle.close();
    await disk.rm(probe, { force: true });
  }
}

const OWNER_EXECUTES = 0o100;
const MAY_READ = 0o444;
const MAY_EXECUTE = 0o111;

async function tryChown(handle: FileHandle, uid: number, gid: number): Promise<boolean> {
  try {
    await handle.chown(uid, gid);
    return true;
  } catch (error) {
    if (systemCode(error) !== undefined) return false;
    throw error;
  }
}
