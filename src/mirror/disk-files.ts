/**
 * Owns: reading and writing the files of one folder, and that nothing outside of it is touched,
 * whatever links stand in it. Knows nothing of worlds or editors.
 */
import type { Stats } from 'node:fs';
import path from 'node:path';
import { pathFault } from '../core/path.ts';
import { type DiskPort, systemDisk } from '../host/disk-port.ts';
import { systemCode } from '../host/host-error.ts';
import { renameOver } from '../host/rename-over.ts';
import { hashOf } from './bytes-hash.ts';
import type { Expected, FileExchange, GiveWay, Leaving, Place, Replaced } from './file-exchange.ts';
import { type FileFormat, formatOf } from './file-format.ts';
import { IN_USE } from './file-in-use.ts';
import { InPlaceWrites, type KeepHalf } from './in-place-writes.ts';
import {
  bitsOf,
  isExecutable,
  keepsExecutable,
  type ModeBits,
  withExecutable,
} from './mode-bits.ts';
import { draftName, MISSING, openRegular } from './placed-file.ts';
import { type QuickFile, readQuickly } from './quick-read.ts';
import { stampOf } from './write-stamp.ts';
import { isLinked, isReachedAt, LINKED, PinnedFolder } from './pinned-folder.ts';
import { PosixExchange } from './posix-exchange.ts';
import { WindowsExchange } from './windows-exchange.ts';
import { pathInside } from '../world/path-inside.ts';

export { hashOf } from './bytes-hash.ts';
export type { Expected, Leaving, Replaced } from './file-exchange.ts';

/** What a file is compared by. */
export interface DiskSight {
  /** SHA-256 of the bytes, 64 hex digits. */
  readonly hash: string;
  readonly isExecutable: boolean;
  /** Not of bytes that are on disk no more. */
  readonly bits?: ModeBits;
  /** Of the writing that left it so (`stampOf`); not of bytes that are on disk no more. */
  readonly stamp?: string;
  /** Of bytes that are a text. */
  readonly format: FileFormat;
}

export interface DiskFile extends Omit<DiskSight, 'format'> {
  readonly bytes: Uint8Array;
}

export interface DiskFilesOptions {
  readonly disk?: DiskPort;
  /**
   * A directory outside of the folder for notes on files that are written in place, for the next process. Without it
   * a file that somebody has open on Windows waits.
   */
  readonly notes?: string;
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
  readonly #disk: DiskPort;
  readonly #exchange: FileExchange;
  /** Where a file may have to be written in place. */
  readonly #inPlace: InPlaceWrites | undefined;
  #keepsModes: Promise<boolean> | undefined;

  constructor(root: string, { disk = systemDisk, notes }: DiskFilesOptions = {}) {
    this.root = root;
    this.#disk = disk;
    const giveWay: GiveWay = (leaving) => this.giveWay(leaving);
    if (disk.platform === 'win32') {
      this.#inPlace = notes === undefined ? undefined : new InPlaceWrites(disk, notes);
      this.#exchange = new WindowsExchange(disk, giveWay, this.#inPlace);
    } else {
      this.#exchange = new PosixExchange(disk, giveWay);
    }
  }

  /** Reads go by where the root was found for as long as this is not called. */
  lookAnew(): void {
    this.#realRoot = undefined;
  }

  /** This process keeps the folder: it finishes what others left half written, and keeps what it finishes. */
  keep(keepHalf: KeepHalf): void {
    this.#inPlace?.keep(keepHalf);
  }

  async letGo(): Promise<void> {
    this.#inPlace?.letGo();
    await this.#exchange.tidy?.();
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
    if (this.#inPlace) await this.#finish(worldPath);
    const root = await this.#whereRoot();
    try {
      const quick = this.#quickly(root, worldPath);
      if (quick) return { ...this.#sightOf(quick), bytes: copyOf(quick.bytes) };
      return await this.#readByHandle(root, worldPath);
    } finally {
      this.#readMs = performance.now();
    }
  }

  /** The same without the bytes. */
  async see(worldPath: string): Promise<DiskSight | undefined> {
    if (this.#inPlace) await this.#finish(worldPath);
    const root = await this.#whereRoot();
    const quick = this.#quickly(root, worldPath);
    if (quick) return { ...this.#sightOf(quick), format: formatOf(quick.bytes) };
    const file = await this.#readByHandle(root, worldPath);
    return file && { ...file, format: formatOf(file.bytes) };
  }

  #whereRoot(): Promise<string> {
    this.#realRoot ??= this.#disk.realpath(this.root).catch((error: unknown) => {
      // Then there is nothing in it either.
      if (MISSING.has(systemCode(error) ?? '')) return this.root;
      throw error;
    });
    return this.#realRoot;
  }

  #quickly(root: string, worldPath: string): QuickFile | undefined {
    if (this.#disk.platform !== 'linux') return undefined;
    const quick = readQuickly(root, worldPath.split('/'));
    return quick && quick.bytes.length <= this.mostBytes ? quick : undefined;
  }

  async #readByHandle(root: string, worldPath: string): Promise<DiskFile | undefined> {
    const handle = await openRegular(this.#disk, this.absolute(worldPath));
    if (handle === undefined) return undefined;
    try {
      const status = await handle.stat();
      if (!status.isFile()) return undefined;
      if (status.size > this.mostBytes) throw new FileTooLarge(status.size, this.mostBytes);
      const bytes = await handle.readFile();
      const place = { disk: this.#disk, root, parts: worldPath.split('/') };
      if (!(await isReachedAt(handle, place))) return undefined;
      return { ...this.#sightOf({ bytes, bits: bitsOf(status), stamp: stampOf(status) }), bytes };
    } finally {
      await handle.close();
    }
  }

  /** False where names that differ in their case, or in the form of their letters, may be one (macOS, Windows). */
  get tellsNamesApart(): boolean {
    return this.#disk.platform === 'linux';
  }

  /** How the disk spells the path of what is there; undefined where nothing is. */
  async spelling(worldPath: string): Promise<string | undefined> {
    try {
      const root = await this.#disk.realpath(this.root);
      const spelled = path.relative(root, await this.#disk.realpath(this.absolute(worldPath)));
      return spelled.split(path.sep).join('/');
    } catch (error) {
      if (MISSING.has(systemCode(error) ?? '')) return undefined;
      throw error;
    }
  }

  /** True where two paths lead to one file. How that is spelled may change meanwhile. */
  async isSame(worldPath: string, other: string): Promise<boolean> {
    const [a, b] = await Promise.all([worldPath, other].map((each) => this.#status(each)));
    return a !== undefined && a.ino === b?.ino && a.dev === b.dev;
  }

  async #status(worldPath: string): Promise<Stats | undefined> {
    try {
      return await this.#disk.lstat(this.absolute(worldPath));
    } catch (error) {
      if (MISSING.has(systemCode(error) ?? '')) return undefined;
      throw error;
    }
  }

  /** Has a file spelled as its path is, which the disk takes for the same as `spelled`; its folders stay as they are. */
  async respell(worldPath: string, spelled: string): Promise<void> {
    const name = path.posix.basename(worldPath);
    const former = path.posix.basename(spelled);
    if (name === former || hasSameForm(name, former)) return;
    await this.#within(spelled, 'open', ({ folder }) =>
      renameOver(folder.at(former), folder.at(name), this.#disk),
    );
  }

  /** True where there is a file, or a link, whose name is spelled just so. */
  async isSpelled(worldPath: string): Promise<boolean> {
    const file = this.absolute(worldPath);
    try {
      const status = await this.#disk.lstat(file);
      if (status.isSymbolicLink()) return true;
      // Where names are told apart without their case the system says how it is spelled.
      return status.isFile() && (await this.spelling(worldPath)) === worldPath;
    } catch (error) {
      if (MISSING.has(systemCode(error) ?? '')) return false;
      throw error;
    }
  }

  /** True where the path leads through a link, or to one. */
  isLinked(worldPath: string): Promise<boolean> {
    return isLinked({ disk: this.#disk, root: this.root, parts: worldPath.split('/') });
  }

  /** Replaces a file whole, if it has the bytes of that hash; without one, if there is none. */
  async write(worldPath: string, bytes: Uint8Array, expected: Expected): Promise<Replaced> {
    return this.#within(worldPath, 'make', (place) => this.#exchange.write(place, bytes, expected));
  }

  async setExecutable(worldPath: string, executable: boolean): Promise<void> {
    if (this.#disk.platform === 'win32') return;
    await this.#within(worldPath, 'open', async ({ folder, name }) => {
      const handle = await openRegular(this.#disk, folder.at(name));
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
    this.#keepsModes ??= this.#within(draftName(), 'open', ({ folder, name }) =>
      keepsExecutable(this.#disk, folder.at(name)),
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
    const removed = await this.#within(worldPath, 'open', (place) =>
      this.#exchange.remove(place, hash),
    );
    if (removed.tag === 'done' || removed.tag === 'late') await this.#removeEmpty(worldPath);
    return removed;
  }

  /** The rules of every system pass by here between the last look at a file and what is done to it. */
  protected async giveWay({ act, isElsewhere, undo }: Leaving): Promise<Replaced | undefined> {
    await act();
    return (await isElsewhere()) ? undo() : undefined;
  }

  /** What a process that was killed left half written there is made whole. */
  async #finish(worldPath: string): Promise<void> {
    const inPlace = this.#inPlace;
    if (!inPlace || !(await inPlace.has(worldPath))) return;
    try {
      await this.#within(worldPath, 'open', (place) => inPlace.finish(place));
    } catch (error) {
      const code = systemCode(error) ?? '';
      if (!MISSING.has(code) && code !== LINKED) throw error;
      // A folder that is away for a moment has its files half written when it comes back.
      if (await this.#isThere()) await inPlace.forget(worldPath);
    }
  }

  async #isThere(): Promise<boolean> {
    try {
      await this.#disk.realpath(this.root);
      return true;
    } catch (error) {
      if (MISSING.has(systemCode(error) ?? '')) return false;
      throw error;
    }
  }

  async #removeEmpty(worldPath: string): Promise<void> {
    for (let at = path.posix.dirname(worldPath); at !== '.'; at = path.posix.dirname(at)) {
      try {
        await this.#within(at, 'open', ({ folder, name }) => this.#disk.rmdir(folder.at(name)));
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
    work: (place: Place) => Promise<Result>,
  ): Promise<Result> {
    if (this.#disk.platform === 'win32' && pathFault(worldPath)) throw new NoSuchName();
    const parts = worldPath.split('/');
    const name = parts.pop()!;
    const folder = await PinnedFolder[how]({ disk: this.#disk, root: this.root, parts });
    try {
      return await work({ folder, name, path: worldPath });
    } finally {
      await folder.close();
    }
  }

  #sightOf({ bytes, bits, stamp }: QuickFile): Omit<DiskSight, 'format'> {
    return {
      hash: hashOf(bytes),
      isExecutable: isExecutable(bits, this.#disk.platform),
      bits,
      stamp,
    };
  }
}

/** True for names that differ in how their letters are put together (Unicode's forms), and in nothing else. */
export function hasSameForm(name: string, other: string): boolean {
  return name.normalize('NFC') === other.normalize('NFC');
}

/** A file is longer than its world takes. */
export class FileTooLarge extends Error {
  constructor(bytes: number, most: number) {
    super(`The file is ${bytes} bytes long, and the world takes ${most}`);
    this.name = 'FileTooLarge';
  }
}

/** No file of this system can have the name: at the nearest one it can have another file may be. */
export class NoSuchName extends Error {
  readonly code = NO_SUCH_NAME;

  constructor() {
    super('no file can have this name here');
    this.name = 'NoSuchName';
  }
}

/** The code of such an error, beside those of the system. */
const NO_SUCH_NAME = 'AW_NAME';

/** Why the disk cannot be read or written; the codes are stable. */
export type DiskFault =
  | 'disk_full'
  | 'disk_read_only'
  | 'disk_no_permission'
  | 'disk_link_loop'
  | 'disk_link'
  | 'disk_in_the_way'
  | 'disk_in_use'
  | 'disk_name_too_long'
  | 'disk_name'
  | 'disk_failed';

/** Undefined for what is no failure of the disk. */
export function diskFaultOf(error: unknown): DiskFault | undefined {
  const code = systemCode(error);
  return code === undefined ? undefined : (FAULTS.get(code) ?? 'disk_failed');
}

function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}

const FAULTS: ReadonlyMap<string, DiskFault> = new Map([
  ['ENOSPC', 'disk_full'],
  ['EDQUOT', 'disk_full'],
  ['EROFS', 'disk_read_only'],
  ['EACCES', 'disk_no_permission'],
  ['EPERM', 'disk_no_permission'],
  ['ELOOP', 'disk_link_loop'],
  [LINKED, 'disk_link'],
  [IN_USE, 'disk_in_use'],
  ['EEXIST', 'disk_in_the_way'],
  ['EISDIR', 'disk_in_the_way'],
  ['ENOTDIR', 'disk_in_the_way'],
  ['ENAMETOOLONG', 'disk_name_too_long'],
  [NO_SUCH_NAME, 'disk_name'],
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
