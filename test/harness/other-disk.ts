/**
 * The disk of this machine with the rules of another system's: a thin layer that refuses what that system refuses,
 * for paths below a root. It is stricter than the system and never laxer, as far as the sources say:
 *
 * - Open files, as Windows has them without POSIX semantics, which `MoveFileExW` does not ask for. What libuv tells:
 *   `src/win/fs.c` (`fs__open` shares all; `fs__rename`; `fs__unlink`) and `src/win/error.c`. A target that anybody
 *   has open is not replaced, whatever they share: MS-FSCC 2.4.43, rust-lang/rust#123985, mheily/libkqueue#172. libuv
 *   asks for POSIX semantics when it deletes, which old systems and disks other than NTFS do not have: here none has
 *   them, so a name that is deleted stays taken until the last handle is closed.
 * - A read-only file is not replaced (git's `compat/mingw.c` makes it writable first).
 * - Names that Windows forbids or strips ("Naming Files, Paths, and Namespaces"). Node prefixes paths so that some of
 *   these could be made all the same; here none can.
 * - Names that differ in their case only are one, and stay as they were given first. A file that takes the place of
 *   another keeps how that was spelled.
 * - HFS+ keeps names in a decomposed form and tells no forms apart (Apple's TN1150); APFS keeps the form, and tells
 *   none apart either. Unicode's own decomposition stands for the tables of both.
 *
 * What another program does is done past this layer, and with `hold` it has a file open.
 */
import fs from 'node:fs';
import * as fsp from 'node:fs/promises';
import path from 'node:path';
import { pathFault } from '../../src/core/path.ts';
import type { DiskPort } from '../../src/host/disk-port.ts';
import { ALONE } from '../../src/mirror/placed-file.ts';

/** What somebody who has a file open lets others do with it meanwhile. */
export interface Share {
  readonly read: boolean;
  readonly write: boolean;
  readonly remove: boolean;
}

/** As Node opens files. */
export const SHARES_ALL: Share = { read: true, write: true, remove: true };
/** As the C library of Windows does, and with it most programs. */
export const SHARES_CONTENT: Share = { read: true, write: true, remove: false };
/** As a viewer that wants to see one state does. */
export const SHARES_READING: Share = { read: true, write: false, remove: false };
export const SHARES_NOTHING: Share = { read: false, write: false, remove: false };

export interface DiskRules {
  readonly platform: NodeJS.Platform;
  /** Two names with the same key are one. */
  readonly keyOf: (name: string) => string;
  /** How a new name is spelled on disk. */
  readonly stored: (name: string) => string;
  readonly refuses: (name: string) => boolean;
  readonly minds: 'open_files' | 'nothing';
}

const WRITES = fs.constants.O_WRONLY | fs.constants.O_RDWR;

const asGiven = (name: string): string => name;

export const WINDOWS: DiskRules = {
  platform: 'win32',
  // Letter by letter: ß is no SS there.
  keyOf: (name) => Array.from(name, upperLetter).join(''),
  stored: asGiven,
  refuses: (name) => name !== '.git' && pathFault(name) !== undefined,
  minds: 'open_files',
};
export const HFS: DiskRules = {
  platform: 'darwin',
  keyOf: (name) => name.normalize('NFD').toUpperCase().toLowerCase().normalize('NFD'),
  stored: (name) => name.normalize('NFD'),
  refuses: () => false,
  minds: 'nothing',
};
export const APFS: DiskRules = { ...HFS, stored: asGiven };

export class OtherDisk implements DiskPort {
  readonly platform: NodeJS.Platform;
  /** Called before each pause, which takes no time here. */
  onPause: () => void = () => undefined;
  /** Called when the attributes of a file change. */
  onChmod: (file: string) => void = () => undefined;
  /** False for a disk where each file has one name (FAT). */
  hasSecondNames = true;
  /** The process is killed at this byte of a file that was there: from then on it writes nothing there. */
  writesFailAt: number | undefined;
  /** Somebody has locked what such a file has from this byte on (`LockFile`). */
  lockedFrom: number | undefined;
  /** Somebody maps such files: they are not cut off (`ERROR_USER_MAPPED_FILE`). */
  areMapped = false;
  /** The access list gives no right to change these. */
  isDenied: (file: string) => boolean = () => false;
  /** A scanner has these files open when they are to be removed. */
  isScanned: (file: string) => boolean = () => false;
  readonly #root: string;
  readonly #rules: DiskRules;
  /** By the number of the file. */
  readonly #open = new Map<string, Set<Share>>();
  /** Names that were deleted while somebody had the file open, and of which file. */
  readonly #doomed = new Map<string, string>();

  constructor(root: string, rules: DiskRules) {
    this.#root = root;
    this.#rules = rules;
    this.platform = rules.platform;
  }

  /** Another program has a file open until the returned function is called. */
  hold(file: string, share: Share): () => void {
    return this.#opened(numberOf(fs.statSync(this.find(file))), share);
  }

  get openFiles(): number {
    return this.#open.size;
  }

  /** Where a path leads on the disk of this machine. */
  find(file: string): string {
    const below = path.relative(this.#root, file);
    if (below === '' || below.startsWith('..') || path.isAbsolute(below)) return file;
    let at = this.#root;
    for (const name of below.split(path.sep)) {
      const key = this.#rules.keyOf(name);
      const found = namesIn(at).find((each) => this.#rules.keyOf(each) === key);
      at = path.join(at, found ?? this.#rules.stored(name));
    }
    return at;
  }

  readonly pause = (): Promise<void> => {
    this.onPause();
    return Promise.resolve();
  };

  readonly chmod = async (file: string, mode: number): Promise<void> => {
    const at = this.find(file);
    this.#demandAlive(at);
    this.onChmod(file);
    await fsp.chmod(at, mode);
  };

  readonly link = async (existing: string, file: string): Promise<void> => {
    this.#demandName(file);
    const [from, to] = [this.find(existing), this.find(file)];
    if (!this.hasSecondNames) throw refusal('EISDIR', file);
    this.#demandAlive(from);
    this.#demandAlive(to);
    // One that shares nothing lets nobody change even its attributes: stricter than Windows.
    if (this.#sharesOf(from).some((share) => !share.read)) throw refusal('EBUSY', file);
    await fsp.link(from, to);
  };

  readonly lstat = async (file: string): Promise<fs.Stats> => {
    const at = this.find(file);
    this.#demandAlive(at);
    return fsp.lstat(at);
  };

  readonly mkdir = async (folder: string): Promise<void> => {
    this.#demandName(folder);
    await fsp.mkdir(this.find(folder));
  };

  readonly open = async (
    file: string,
    flags: string | number,
    mode?: number,
  ): Promise<fsp.FileHandle> => {
    this.#demandName(file);
    const at = this.find(file);
    this.#demandAlive(at);
    const writes = typeof flags === 'string' ? flags !== 'r' : (flags & WRITES) > 0;
    const isRefused = this.#sharesOf(at).some(({ read, write }) => (writes ? !write : !read));
    if (isRefused) throw refusal('EBUSY', file);
    if (this.#rules.minds === 'open_files') {
      if (flags === ALONE && this.#sharesOf(at).length > 0) throw refusal('EBUSY', file);
      if (writes && isReadOnly(statusOf(at))) throw refusal('EPERM', file);
    }
    const handle = await fsp.open(at, flags, mode);
    if (flags === 'r+' && this.writesFailAt !== undefined) failAt(handle, this.writesFailAt);
    if (flags === 'r+' && this.lockedFrom !== undefined) lockFrom(handle, this.lockedFrom);
    if (flags === 'r+' && this.areMapped) {
      handle.truncate = () => Promise.reject(refusal('UNKNOWN', file));
    }
    const closed = this.#opened(numberOf(await handle.stat()), SHARES_ALL);
    const close = handle.close.bind(handle);
    handle.close = async () => {
      await close();
      closed();
    };
    return handle;
  };

  readonly readlink = (file: string): Promise<string> => fsp.readlink(this.find(file));

  readonly realpath = (file: string): Promise<string> => fsp.realpath(this.find(file));

  readonly rename = async (from: string, to: string): Promise<void> => {
    this.#demandName(to);
    const [source, target] = [this.find(from), this.find(to)];
    this.#demandAlive(source);
    this.#demandAlive(target);
    if (this.isDenied(to)) throw refusal('EPERM', to);
    if (this.#sharesOf(source).some(({ remove }) => !remove)) throw refusal('EBUSY', from);
    const there = statusOf(target);
    if (source === target) {
      // It is spelled in another way.
      return fsp.rename(source, path.join(path.dirname(target), this.#rules.stored(nameOf(to))));
    }
    if (there && this.#rules.minds === 'open_files') {
      if (isReadOnly(there) || there.isDirectory() || this.#sharesOf(target).length > 0) {
        throw refusal('EPERM', to);
      }
    }
    await fsp.rename(source, target);
  };

  readonly rm = async (file: string): Promise<void> => {
    const at = this.find(file);
    const there = statusOf(at);
    if (!there || this.#doomed.has(at)) return;
    if (this.isScanned(file)) throw refusal('EBUSY', file);
    const shares = this.#sharesOf(at);
    if (shares.some(({ remove }) => !remove)) throw refusal('EBUSY', file);
    if (shares.length > 0) this.#doomed.set(at, numberOf(there));
    else await fsp.rm(at, { force: true });
  };

  readonly rmdir = (folder: string): Promise<void> => fsp.rmdir(this.find(folder));

  #sharesOf(at: string): readonly Share[] {
    const status = this.#rules.minds === 'open_files' ? statusOf(at) : undefined;
    return status ? [...(this.#open.get(numberOf(status)) ?? [])] : [];
  }

  #opened(number: string, share: Share): () => void {
    const shares = this.#open.get(number) ?? new Set();
    this.#open.set(number, shares);
    const own = { ...share };
    shares.add(own);
    return () => {
      shares.delete(own);
      if (shares.size > 0) return;
      this.#open.delete(number);
      for (const [at, doomed] of this.#doomed) {
        if (doomed !== number) continue;
        this.#doomed.delete(at);
        const there = statusOf(at);
        if (there && numberOf(there) === number) fs.rmSync(at);
      }
    };
  }

  #demandName(file: string): void {
    const below = path.relative(this.#root, file);
    if (below.startsWith('..')) return;
    if (below.split(path.sep).some(this.#rules.refuses)) throw refusal('ENOENT', file);
  }

  #demandAlive(at: string): void {
    if (this.#doomed.has(at)) throw refusal('EPERM', at);
  }
}

/** As for a process that is killed: it does not come to do anything about it. */
function failAt(handle: fsp.FileHandle, most: number): void {
  const write = handle.write.bind(handle);
  let isOver = false;
  const fail = async (): Promise<never> => {
    isOver = true;
    return Promise.reject(refusal('EIO', ''));
  };
  const failing = async (bytes: Uint8Array, from: number, count: number, at: number) => {
    if (isOver || at >= most) return fail();
    return write(bytes, from, Math.min(count, most - at), at);
  };
  handle.write = failing as typeof handle.write;
  handle.truncate = fail;
  const sync = handle.sync.bind(handle);
  handle.sync = () => (isOver ? fail() : sync());
}

function lockFrom(handle: fsp.FileHandle, first: number): void {
  const write = handle.write.bind(handle);
  const refusing = async (bytes: Uint8Array, from: number, count: number, at: number) => {
    if (at >= first) throw refusal('EBUSY', '');
    return write(bytes, from, Math.min(count, first - at), at);
  };
  handle.write = refusing as typeof handle.write;
}

function isReadOnly(status: fs.Stats | undefined): boolean {
  return status !== undefined && (status.mode & 0o200) === 0;
}

function upperLetter(letter: string): string {
  const upper = letter.toUpperCase();
  return upper.length === letter.length ? upper : letter;
}

function nameOf(file: string): string {
  return path.basename(file);
}

function namesIn(folder: string): readonly string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    // There is no such folder: nothing in it is another name for anything.
    return [];
  }
}

function statusOf(file: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(file);
  } catch {
    // Nothing is there, or a folder of it is none.
    return undefined;
  }
}

function numberOf({ dev, ino }: fs.Stats): string {
  return `${dev}:${ino}`;
}

function refusal(code: string, file: string): Error {
  return Object.assign(new Error(`${code}: refused by the rules of another system, '${file}'`), {
    code,
  });
}
