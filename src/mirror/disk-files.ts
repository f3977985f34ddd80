/**
 * Owns: reading and writing the files of one folder, and that nothing outside of it is touched,
 * whatever links stand in it. Knows nothing of worlds or editors.
 */
import { randomBytes, createHash } from 'node:crypto';
import {
  chmod,
  type FileHandle,
  link,
  lstat,
  mkdir,
  open,
  readFile,
  realpath,
  rename,
  rm,
  rmdir,
} from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../host/host-error.ts';
import { namesAt, OpenNames } from './open-names.ts';

export interface DiskFile {
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes, 64 hex digits. */
  readonly hash: string;
  readonly isExecutable: boolean;
}

export interface Expected {
  /** Of what is there now, which is to be replaced; undefined for nothing. */
  readonly hash: string | undefined;
  /** Of what comes in its place. */
  readonly executable: boolean;
}

export type Replaced =
  | { readonly tag: 'done' }
  /** What is there is not what was expected: nothing was done. */
  | { readonly tag: 'changed' }
  /** A link, or another kind of thing, stands in the way. */
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

/** Marks files that are being written, so that nobody takes them for new ones. */
export const DRAFT_SUFFIX = '.agent-world-tmp';

/** The files of a folder by their path in the world: relative, with `/`. */
export class DiskFiles {
  readonly root: string;
  /** Folders that were found inside, or not, since `lookAnew`. */
  readonly #known = new Map<string, Promise<boolean>>();
  readonly #openNames = new OpenNames();

  constructor(root: string) {
    this.root = root;
  }

  /** Reads go by what they know of folders for as long as this is not called; writes do not. */
  lookAnew(): void {
    this.#known.clear();
  }

  absolute(worldPath: string): string {
    return path.join(this.root, ...worldPath.split('/'));
  }

  /** The path in the world of a file inside the folder; undefined for one outside. */
  relative(file: string): string | undefined {
    const relative = path.relative(this.root, file);
    if (relative === '' || relative.startsWith('..') || path.isAbsolute(relative)) return undefined;
    return relative.split(path.sep).join('/');
  }

  /** Undefined where there is no regular file; a link is none. */
  async read(worldPath: string): Promise<DiskFile | undefined> {
    const file = this.absolute(worldPath);
    try {
      const status = await lstat(file);
      if (!status.isFile() || !(await this.#isKnownInside(path.dirname(file)))) return undefined;
      const bytes = await readFile(file);
      return { bytes, hash: hashOf(bytes), isExecutable: isExecutable(status.mode) };
    } catch (error) {
      if (MISSING.has(systemCode(error) ?? '')) return undefined;
      throw error;
    }
  }

  /** Replaces a file whole, if it has the bytes of that hash; without one, if there is none. */
  async write(worldPath: string, bytes: Uint8Array, expected: Expected): Promise<Replaced> {
    const file = this.absolute(worldPath);
    const directory = path.dirname(file);
    if (!(await this.#isInside(await nearestExisting(directory)))) return { tag: 'blocked' };
    await mkdir(directory, { recursive: true });
    if (await isOccupied(file)) return { tag: 'blocked' };
    const draft = draftIn(directory);
    const former = await openFormer(file);
    try {
      await writeNew(draft, bytes, expected.executable ? 0o755 : 0o644);
      if ((former && hashOf(await readWhole(former))) !== expected.hash) return { tag: 'changed' };
      if (former === undefined) return await appear(draft, file);
      const names = await namesAt(file, former);
      if (names === undefined) return { tag: 'changed' };
      const exchanged = { file, handle: former, names };
      const replaced = await this.giveWay(exchanged, {
        act: () => rename(draft, file),
        undo: () => takeBack(file, hashOf(bytes)),
      });
      return replaced ?? (await lateBytes(former, expected.hash));
    } finally {
      await former?.close();
      await rm(draft, { force: true });
    }
  }

  async setExecutable(worldPath: string, executable: boolean): Promise<void> {
    if (process.platform !== 'win32') {
      await chmod(this.absolute(worldPath), executable ? 0o755 : 0o644);
    }
  }

  /** Removes a file that has the bytes of that hash, and the folders that it leaves empty. */
  async remove(worldPath: string, hash: string): Promise<Replaced> {
    const file = this.absolute(worldPath);
    if (!(await this.#isInside(path.dirname(file)))) return { tag: 'blocked' };
    const former = await openFormer(file);
    // It may have another name now.
    if (former === undefined) return { tag: 'changed' };
    try {
      if (hashOf(await readWhole(former)) !== hash) return { tag: 'changed' };
      const names = await namesAt(file, former);
      if (names === undefined) return { tag: 'changed' };
      const removed = await this.giveWay(
        { file, handle: former, names },
        { act: () => rm(file, { force: true }), undo: () => Promise.resolve({ tag: 'changed' }) },
      );
      if (removed) return removed;
      await this.#removeEmpty(path.dirname(file));
      return await lateBytes(former, hash);
    } finally {
      await former.close();
    }
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
    const probe = draftIn(path.dirname(file));
    return (await this.#openNames.isElsewhere(handle, names, probe)) ? undo() : undefined;
  }

  async #removeEmpty(directory: string): Promise<void> {
    for (let folder = directory; folder !== this.root; folder = path.dirname(folder)) {
      try {
        await rmdir(folder);
      } catch (error) {
        if (KEPT.has(systemCode(error) ?? '')) return;
        throw error;
      }
    }
  }

  #isKnownInside(directory: string): Promise<boolean> {
    let known = this.#known.get(directory);
    if (known === undefined) this.#known.set(directory, (known = this.#isInside(directory)));
    return known;
  }

  async #isInside(directory: string): Promise<boolean> {
    try {
      const [inner, root] = await Promise.all([realpath(directory), realpath(this.root)]);
      return inner === root || inner.startsWith(root + path.sep);
    } catch (error) {
      if (MISSING.has(systemCode(error) ?? '')) return false;
      throw error;
    }
  }
}

/** Why the disk cannot be read or written; the codes are stable. */
export type DiskFault =
  | 'disk_full'
  | 'disk_read_only'
  | 'disk_no_permission'
  | 'disk_link_loop'
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

const FAULTS: ReadonlyMap<string, DiskFault> = new Map([
  ['ENOSPC', 'disk_full'],
  ['EDQUOT', 'disk_full'],
  ['EROFS', 'disk_read_only'],
  ['EACCES', 'disk_no_permission'],
  ['EPERM', 'disk_no_permission'],
  ['ELOOP', 'disk_link_loop'],
  ['EEXIST', 'disk_in_the_way'],
  ['EISDIR', 'disk_in_the_way'],
  ['ENOTDIR', 'disk_in_the_way'],
  ['ENAMETOOLONG', 'disk_name_too_long'],
]);
const MISSING: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);
const LINKLESS: ReadonlySet<string> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
]);
const KEPT: ReadonlySet<string> = new Set(['ENOTEMPTY', 'EEXIST', 'ENOENT', 'EPERM', 'EBUSY']);

function draftIn(directory: string): string {
  return path.join(directory, `.${randomBytes(6).toString('hex')}${DRAFT_SUFFIX}`);
}

async function openFormer(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if (MISSING.has(systemCode(error) ?? '')) return undefined;
    throw error;
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
  const put = await openFormer(file);
  try {
    if (put === undefined || hashOf(await readWhole(put)) !== hash) return { tag: 'changed' };
    await rm(file, { force: true });
    const late = await lateBytes(put, hash);
    return late.tag === 'late' ? late : { tag: 'changed' };
  } finally {
    await put?.close();
  }
}

async function writeNew(file: string, bytes: Uint8Array, mode: number): Promise<void> {
  const handle = await open(file, 'wx', mode);
  try {
    await handle.writeFile(bytes);
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

async function nearestExisting(directory: string): Promise<string> {
  try {
    await lstat(directory);
    return directory;
  } catch (error) {
    if (MISSING.has(systemCode(error) ?? '')) return nearestExisting(path.dirname(directory));
    throw error;
  }
}

async function isOccupied(file: string): Promise<boolean> {
  try {
    return !(await lstat(file)).isFile();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Windows knows no such bit: files there are never executable in a world. */
function isExecutable(mode: number): boolean {
  return process.platform !== 'win32' && (mode & 0o100) !== 0;
}
