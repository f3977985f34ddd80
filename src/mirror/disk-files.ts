/**
 * Owns: reading and writing the files of one folder, and that nothing outside of it is touched,
 * whatever links stand in it. Knows nothing of worlds or editors.
 */
import { randomBytes, createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, open, realpath, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../host/host-error.ts';
import {
  bitsOf,
  isExecutable,
  keepBits,
  keepsExecutable,
  type ModeBits,
  newPermissions,
  withExecutable,
} from './mode-bits.ts';
import { type QuickFile, readQuickly } from './quick-read.ts';
import { DRAFT_SUFFIX } from '../world/own-names.ts';
import { namesAt, OpenNames } from './open-names.ts';
import { stampOf } from './write-stamp.ts';
import { isLinked, isReachedAt, LINKED, LinkInTheWay, PinnedFolder } from './pinned-folder.ts';
import { pathInside } from '../world/path-inside.ts';

/** What a file is compared by. */
export interface DiskSight {
  /** SHA-256 of the bytes, 64 hex digits. */
  readonly hash: string;
  readonly isExecutable: boolean;
  /** Not of bytes that are on disk no more. */
  readonly bits?: ModeBits;
  /** Of the writing that left it so (`stampOf`); not of bytes that are on disk no more. */
  readonly stamp?: string;
  /** The bytes of the first line, with its end. */
  readonly firstLine: Uint8Array;
}

export interface DiskFile extends Omit<DiskSight, 'firstLine'> {
  readonly bytes: Uint8Array;
}

export interface Expected {
  /** Of what is there now, which is to be replaced; undefined for nothing. */
  readonly hash: string | undefined;
  /** Of what comes in its place. */
  readonly executable: boolean;
  /** Of a new file that was there under another name. */
  readonly bits?: ModeBits | undefined;
}

export type Replaced =
  /** `isParted`: what was there has other names on this disk, and keeps its content under those. */
  | { readonly tag: 'done'; readonly isParted?: boolean }
  /** What is there is not what was expected: nothing was done. */
  | { readonly tag: 'changed' }
  /** Another kind of thing stands in the way. */
  | { readonly tag: 'blocked' }
  /** It is done, and somebody wrote to what was there just before: those bytes are nowhere else now. */
  | { readonly tag: 'late'; readonly bytes: Uint8Array };

/** An open file that was found at a path, and how many names it had. */
export interface PlacedFile {
  readonly file: string;
  readonly handle: FileHandle;
  readonly names: number;
}

export interface Undoable {
  readonly act: () => Promise<void>;
  readonly undo: () => Promise<Replaced>;
}

/**
 * The files of a folder by their path in the world: relative, with `/`. None is read, written or removed
 * through a link; what would be fails with `LinkInTheWay`.
 */
export class DiskFiles {
  readonly root: string;
  /** Longer files are not read. */
  mostBytes = Infinity;
  /** When a file was last read, by `performance.now()`. */
  #readMs = 0;
  /** Where the root is by its real path, since `lookAnew`. */
  #realRoot: Promise<string> | undefined;
  readonly #openNames = new OpenNames();
  #keepsModes: Promise<boolean> | undefined;

  constructor(root: string) {
    this.root = root;
  }

  /** Reads go by where the root was found for as long as this is not called. */
  lookAnew(): void {
    this.#realRoot = undefined;
  }

  absolute(worldPath: string): string {
    return path.join(this.root, ...worldPath.split('/'));
  }

  /** The path in the world of a file inside the folder; undefined for one outside. */
  relative(file: string): string | undefined {
    const inside = pathInside(this.root, file);
    // The folder itself is no file of it.
    return inside ? inside.split(path.sep).join('/') : undefined;
  }

  get readMs(): number {
    return this.#readMs;
  }

  /** Undefined where there is no regular file; a link is none, nor is what is behind one. Throws `FileTooLarge`. */
  async read(worldPath: string): Promise<DiskFile | undefined> {
    const root = await this.#whereRoot();
    try {
      const quick = this.#quickly(root, worldPath);
      if (quick) return { ...sightOf(quick), bytes: copyOf(quick.bytes) };
      return await this.#readByHandle(root, worldPath);
    } finally {
      this.#readMs = performance.now();
    }
  }

  /** The same without the bytes. */
  async see(worldPath: string): Promise<DiskSight | undefined> {
    const root = await this.#whereRoot();
    const quick = this.#quickly(root, worldPath);
    if (quick) return { ...sightOf(quick), firstLine: firstLineOf(quick.bytes) };
    const file = await this.#readByHandle(root, worldPath);
    return file && { ...file, firstLine: firstLineOf(file.bytes) };
  }

  #whereRoot(): Promise<string> {
    this.#realRoot ??= realpath(this.root).catch((error: unknown) => {
      // Then there is nothing in it either.
      if (MISSING.has(systemCode(error) ?? '')) return this.root;
      throw error;
    });
    return this.#realRoot;
  }

  #quickly(root: string, worldPath: string): QuickFile | undefined {
    const quick = readQuickly(root, worldPath.split('/'));
    return quick && quick.bytes.length <= this.mostBytes ? quick : undefined;
  }

  async #readByHandle(root: string, worldPath: string): Promise<DiskFile | undefined> {
    const handle = await openRegular(this.absolute(worldPath));
    if (handle === undefined) return undefined;
    try {
      const status = await handle.stat();
      if (!status.isFile()) return undefined;
      if (status.size > this.mostBytes) throw new FileTooLarge(status.size, this.mostBytes);
      const bytes = await handle.readFile();
      if (!(await isReachedAt(handle, root, worldPath.split('/')))) return undefined;
      return { ...sightOf({ bytes, bits: bitsOf(status), stamp: stampOf(status) }), bytes };
    } finally {
      await handle.close();
    }
  }

  /** True where there is a file, or a link, whose name is spelled just so. */
  async isSpelled(worldPath: string): Promise<boolean> {
    const file = this.absolute(worldPath);
    try {
      const status = await lstat(file);
      if (status.isSymbolicLink()) return true;
      // Where names are told apart without their case the system says how it is spelled.
      const spelled = path.relative(await realpath(this.root), await realpath(file));
      return status.isFile() && spelled.split(path.sep).join('/') === worldPath;
    } catch (error) {
      if (MISSING.has(systemCode(error) ?? '')) return false;
      throw error;
    }
  }

  /** True where the path leads through a link, or to one. */
  isLinked(worldPath: string): Promise<boolean> {
    return isLinked(this.root, worldPath.split('/'));
  }

  /** Replaces a file whole, if it has the bytes of that hash; without one, if there is none. */
  async write(worldPath: string, bytes: Uint8Array, expected: Expected): Promise<Replaced> {
    return this.#within(worldPath, 'make', async (folder, name) => {
      const file = folder.at(name);
      if (await isOccupied(file)) return { tag: 'blocked' };
      const draft = draftIn(folder);
      const former = await openRegular(file);
      try {
        const bits = former ? bitsOf(await former.stat()) : expected.bits;
        await writeNew(draft, bytes, bits, expected.executable);
        if ((former && hashOf(await readWhole(former))) !== expected.hash) {
          return { tag: 'changed' };
        }
        await folder.confirm();
        if (former === undefined) return await appear(draft, file);
        const names = await namesAt(file, former);
        if (names === undefined) return { tag: 'changed' };
        const replaced = await this.giveWay(
          { file, handle: former, names },
          { act: () => rename(draft, file), undo: () => takeBack(file, hashOf(bytes)) },
        );
        const late = replaced ?? (await lateBytes(former, expected.hash));
        return late.tag === 'done' && names > 1 ? { ...late, isParted: true } : late;
      } finally {
        await former?.close();
        await rm(draft, { force: true });
      }
    });
  }

  async setExecutable(worldPath: string, executable: boolean): Promise<void> {
    if (process.platform === 'win32') return;
    await this.#within(worldPath, 'open', async (folder, name) => {
      const handle = await openRegular(folder.at(name));
      try {
        const status = await handle?.stat();
        // It may have gone meanwhile.
        if (!handle || !status?.isFile()) return;
        const { permissions } = bitsOf(status);
        await handle.chmod(withExecutable(permissions, executable));
      } finally {
        await handle?.close();
      }
    });
  }

  /** False for a disk that does not keep who may execute a file; tried once. */
  keepsModes(): Promise<boolean> {
    this.#keepsModes ??= this.#within(draftName(), 'open', (folder, name) =>
      keepsExecutable(folder.at(name)),
    ).catch((error: unknown) => {
      if (systemCode(error) === undefined) throw error;
      // Where nothing new may be written nothing is known: it is tried again.
      this.#keepsModes = undefined;
      return true;
    });
    return this.#keepsModes;
  }

  /** Removes a file that has the bytes of that hash, and the folders that it leaves empty. */
  async remove(worldPath: string, hash: string): Promise<Replaced> {
    const removed = await this.#within(worldPath, 'open', async (folder, name) => {
      const file = folder.at(name);
      const former = await openRegular(file);
      // It may have another name now.
      if (former === undefined) return { tag: 'changed' } as const;
      try {
        if (hashOf(await readWhole(former)) !== hash) return { tag: 'changed' } as const;
        const names = await namesAt(file, former);
        if (names === undefined) return { tag: 'changed' } as const;
        await folder.confirm();
        const removed = await this.giveWay(
          { file, handle: former, names },
          { act: () => rm(file, { force: true }), undo: () => Promise.resolve({ tag: 'changed' }) },
        );
        return removed ?? (await lateBytes(former, hash));
      } finally {
        await former.close();
      }
    });
    if (removed.tag === 'done' || removed.tag === 'late') await this.#removeEmpty(worldPath);
    return removed;
  }

  /**
   * Takes a file from its path. No system does so only if it is still the one that was looked at:
   * where a tool gave that another name in between it is undone, and what came of that is returned.
   */
  protected async giveWay(
    { file, handle, names }: PlacedFile,
    { act, undo }: Undoable,
  ): Promise<Replaced | undefined> {
    await act();
    const probe = draftBeside(file);
    return (await this.#openNames.isElsewhere(handle, names, probe)) ? undo() : undefined;
  }

  async #removeEmpty(worldPath: string): Promise<void> {
    for (let at = path.posix.dirname(worldPath); at !== '.'; at = path.posix.dirname(at)) {
      try {
        await this.#within(at, 'open', (folder, name) => rmdir(folder.at(name)));
      } catch (error) {
        if (KEPT.has(systemCode(error) ?? '')) return;
        throw error;
      }
    }
  }

  /** Does something in the folder of a path, which is held meanwhile. */
  async #within<Result>(
    worldPath: string,
    how: 'open' | 'make',
    work: (folder: PinnedFolder, name: string) => Promise<Result>,
  ): Promise<Result> {
    const parts = worldPath.split('/');
    const name = parts.pop()!;
    const folder = await PinnedFolder[how](this.root, parts);
    try {
      return await work(folder, name);
    } finally {
      await folder.close();
    }
  }
}

/** A file is longer than its world takes. */
export class FileTooLarge extends Error {
  constructor(bytes: number, most: number) {
    super(`The file is ${bytes} bytes long, and the world takes ${most}`);
    this.name = 'FileTooLarge';
  }
}

/** Why the disk cannot be read or written; the codes are stable. */
export type DiskFault =
  | 'disk_full'
  | 'disk_read_only'
  | 'disk_no_permission'
  | 'disk_link_loop'
  | 'disk_link'
  | 'disk_in_the_way'
  | 'disk_name_too_long'
  | 'disk_failed';

/** Undefined for what is no failure of the disk. */
export function diskFaultOf(error: unknown): DiskFault | undefined {
  const code = systemCode(error);
  return code === undefined ? undefined : (FAULTS.get(code) ?? 'disk_failed');
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function sightOf({ bytes, bits, stamp }: QuickFile): Omit<DiskSight, 'firstLine'> {
  return { hash: hashOf(bytes), isExecutable: isExecutable(bits), bits, stamp };
}

function firstLineOf(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(LINE_FEED);
  return copyOf(end < 0 ? bytes : bytes.subarray(0, end + 1));
}

function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}

const LINE_FEED = 0x0a;

const FAULTS: ReadonlyMap<string, DiskFault> = new Map([
  ['ENOSPC', 'disk_full'],
  ['EDQUOT', 'disk_full'],
  ['EROFS', 'disk_read_only'],
  ['EACCES', 'disk_no_permission'],
  ['EPERM', 'disk_no_permission'],
  ['ELOOP', 'disk_link_loop'],
  [LINKED, 'disk_link'],
  ['EEXIST', 'disk_in_the_way'],
  ['EISDIR', 'disk_in_the_way'],
  ['ENOTDIR', 'disk_in_the_way'],
  ['ENAMETOOLONG', 'disk_name_too_long'],
]);
const MISSING: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);
/** What the system says to whoever opens a link, a socket, or a folder on Windows. */
const NO_FILE: ReadonlySet<string> = new Set(['ELOOP', 'EMLINK', 'ENXIO', 'EISDIR', 'EPERM']);
const LINKLESS: ReadonlySet<string> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
]);
const KEPT: ReadonlySet<string> = new Set([
  'ENOTEMPTY',
  'EEXIST',
  'ENOENT',
  'ENOTDIR',
  'EPERM',
  'EBUSY',
  LINKED,
]);

function draftIn(folder: PinnedFolder): string {
  return folder.at(draftName());
}

function draftBeside(file: string): string {
  return path.join(path.dirname(file), draftName());
}

function draftName(): string {
  return `.${randomBytes(6).toString('hex')}${DRAFT_SUFFIX}`;
}

/** What is none of these systems' is 0 there. A pipe is not waited for. */
const TO_READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Undefined where there is nothing, or something else than a file or a folder. */
async function openRegular(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, TO_READ);
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (MISSING.has(code)) return undefined;
    if (!NO_FILE.has(code)) throw error;
    // Of what may be read the path fails where a part of it does.
    if ((await lstat(file)).isFile()) throw error;
    return undefined;
  }
}

async function readWhole(handle: FileHandle): Promise<Uint8Array> {
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
async function lateBytes(former: FileHandle, hash: string | undefined): Promise<Replaced> {
  const bytes = await readWhole(former);
  return hashOf(bytes) === hash ? { tag: 'done' } : { tag: 'late', bytes };
}

/** Removes what was put in the place of a file that has another name, unless somebody wrote to it. */
async function takeBack(file: string, hash: string): Promise<Replaced> {
  const put = await openRegular(file);
  try {
    if (put === undefined || hashOf(await readWhole(put)) !== hash) return { tag: 'changed' };
    await rm(file, { force: true });
    const late = await lateBytes(put, hash);
    return late.tag === 'late' ? late : { tag: 'changed' };
  } finally {
    await put?.close();
  }
}

/** `bits`: of the file that it replaces; a new one has what the user wants new files to have. */
async function writeNew(
  file: string,
  bytes: Uint8Array,
  bits: ModeBits | undefined,
  executable: boolean,
): Promise<void> {
  // What others may not read is not to be read in the meantime.
  const handle = await open(file, 'wx', bits ? 0o600 : newPermissions(executable));
  try {
    await handle.writeFile(bytes);
    if (bits) await keepBits(handle, bits, executable);
  } finally {
    await handle.close();
  }
}

/** Gives a new file its name, unless somebody else has taken it. */
async function appear(draft: string, file: string): Promise<Replaced> {
  try {
    await link(draft, file);
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (code === 'EEXIST') return { tag: 'changed' };
    // Some file systems know no second names.
    if (!LINKLESS.has(code)) throw error;
    await rename(draft, file);
  }
  return { tag: 'done' };
}

/** Throws `LinkInTheWay` for a link. */
async function isOccupied(file: string): Promise<boolean> {
  try {
    const status = await lstat(file);
    if (status.isSymbolicLink()) throw new LinkInTheWay();
    return !status.isFile();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}
