/**
 * Owns: replacing and removing files by the rules of Windows, where a file that anybody has open can neither be
 * replaced nor, for most, be removed. So nothing is held open here: a second name (a hard link) keeps hold of what
 * was there instead. What is open is tried a few times, then written in place if whoever has it open allows that,
 * and else it waits. Does not know: which file, what for.
 *
 * Sources: libuv's `src/win/fs.c` (a rename is `MoveFileExW` with `MOVEFILE_REPLACE_EXISTING`, an open shares all),
 * MS-FSCC 2.4.43 and rust-lang/rust#123985 (without POSIX semantics, which that call does not ask for, an open target
 * is denied even if all who have it open share it for deletion), git's `compat/mingw.c` (tries with growing pauses;
 * a read-only target is made writable first).
 */
import type { DiskPort } from '../host/disk-port.ts';
import { systemCode } from '../host/host-error.ts';
import { isHeld, mayBeInUse } from '../host/try-again.ts';
import { hashOf } from './bytes-hash.ts';
import type { Expected, FileExchange, GiveWay, Place, Replaced } from './file-exchange.ts';
import { FileInUse, insist } from './file-in-use.ts';
import type { InPlaceWrites } from './in-place-writes.ts';
import { bitsOf, type ModeBits } from './mode-bits.ts';
import {
  ALONE,
  appear,
  draftName,
  isLinkless,
  isOccupied,
  MISSING,
  openRegular,
  readWhole,
  writeNew,
} from './placed-file.ts';

/** What is to take a file's place. */
interface Next {
  readonly draft: string;
  readonly bytes: Uint8Array;
  readonly expected: Expected;
}

/** What was there, read and closed again. */
interface Former {
  readonly bytes: Uint8Array;
  readonly bits: ModeBits;
  /** By how many names the file is reached, the second one included. */
  readonly names: number;
}

/** What was there, and by which second name it is held; undefined where the disk knows none. */
interface Seen {
  readonly former: Former;
  readonly second: string | undefined;
}

/** So many files that were open are remembered, and names that could not be removed. */
const MOST_REMEMBERED = 1_024;

export class WindowsExchange implements FileExchange {
  readonly #disk: DiskPort;
  readonly #giveWay: GiveWay;
  readonly #inPlace: InPlaceWrites | undefined;
  /**
   * Files that were open at the last try: one look tells whether they are still, and others do not wait for it. They
   * are remembered until one was exchanged.
   */
  readonly #wereOpen = new Set<string>();
  /** Names of ours that somebody had open when they were to be removed, and the files that they were given to. */
  readonly #left = new Map<string, string>();

  constructor(disk: DiskPort, giveWay: GiveWay, inPlace: InPlaceWrites | undefined) {
    this.#disk = disk;
    this.#giveWay = giveWay;
    this.#inPlace = inPlace;
  }

  async write(place: Place, bytes: Uint8Array, expected: Expected): Promise<Replaced> {
    const disk = this.#disk;
    const { folder, name } = place;
    const file = folder.at(name);
    if (await isOccupied(disk, file)) return { tag: 'blocked' };
    const draft = folder.at(draftName());
    try {
      await writeNew(disk, draft, bytes, { ...expected, bits: undefined });
      if (expected.hash !== undefined) {
        const next = { draft, bytes, expected };
        if (await this.#mayLeave(file)) {
          return await this.#bySecondName(place, (second) => this.#replace(place, next, second));
        }
        return await this.#replaceInPlace(place, next);
      }
      if ((await this.#read(file)) !== undefined) return { tag: 'changed' };
      await folder.confirm();
      const appeared = await this.#insist(file, () => appear(disk, draft, file));
      this.#wereOpen.delete(file);
      return appeared;
    } finally {
      await this.#drop(draft, draft);
    }
  }

  async remove(place: Place, hash: string): Promise<Replaced> {
    if (!(await this.#mayLeave(place.folder.at(place.name)))) throw new FileInUse();
    return this.#bySecondName(place, async (second) => {
      const file = place.folder.at(place.name);
      const former = await this.#read(second ?? file);
      if (former === undefined || hashOf(former.bytes) !== hash) return { tag: 'changed' };
      await place.folder.confirm();
      let isSame = true;
      const removed = await this.#giveWay({
        act: async () => {
          const rm = (): Promise<void> => this.#disk.rm(file, { force: true });
          isSame = await this.#whereSame(file, { former, second }, rm);
        },
        isElsewhere: async () => !isSame || (await this.#isElsewhere(second, former)),
        undo: () => Promise.resolve({ tag: 'changed' }),
      });
      if (isSame) this.#wereOpen.delete(file);
      return removed ?? this.#late(second, hash);
    });
  }

  async #replace(place: Place, next: Next, second: string | undefined): Promise<Replaced> {
    const { draft, bytes, expected } = next;
    const file = place.folder.at(place.name);
    const former = await this.#read(second ?? file);
    if (former === undefined || hashOf(former.bytes) !== expected.hash) return { tag: 'changed' };
    await place.folder.confirm();
    let inPlace: Replaced | undefined;
    const replaced = await this.#giveWay({
      act: async () => {
        inPlace = await this.#exchange(place, { draft, bytes }, { former, second });
      },
      isElsewhere: async () => inPlace === undefined && (await this.#isElsewhere(second, former)),
      undo: () => this.#takeBack(place, hashOf(bytes)),
    });
    const late = replaced ?? inPlace ?? (await this.#late(second, expected.hash));
    const hasOthers = this.#namesOf(file, second, former) > 1;
    const isParted = inPlace === undefined && late.tag === 'done' && hasOthers;
    return isParted ? { tag: 'done', isParted } : late;
  }

  /** Nothing gets a second name that could not be taken from it again. */
  async #replaceInPlace(place: Place, { bytes, expected }: Next): Promise<Replaced> {
    const inPlace = this.#inPlace;
    if (!inPlace) throw new FileInUse();
    await this.tidy();
    const file = place.folder.at(place.name);
    const former = await this.#read(file);
    if (former === undefined || hashOf(former.bytes) !== expected.hash) return { tag: 'changed' };
    // What is written into it would be at all of its names, wherever those are.
    if (isReadOnly(former) || this.#namesOf(file, undefined, former) > 1) throw new FileInUse();
    await place.folder.confirm();
    let written: Replaced = { tag: 'changed' };
    await this.#giveWay({
      act: async () => {
        written = await inPlace.write(place, { former: former.bytes, next: bytes });
      },
      isElsewhere: () => Promise.resolve(false),
      undo: () => Promise.resolve({ tag: 'changed' }),
    });
    return written;
  }

  /**
   * False where somebody has the file open and does not share it for deletion: to give a file the name that it has
   * asks for no less, and changes nothing. A right that is missing is said to be.
   */
  async #mayLeave(file: string): Promise<boolean> {
    try {
      await this.#insist(file, () => this.#disk.rename(file, file), isHeld);
      return true;
    } catch (error) {
      if (error instanceof FileInUse) return false;
      // What is gone is found to be.
      if (MISSING.has(systemCode(error) ?? '')) return true;
      throw error;
    }
  }

  /** Undefined where another file has the name now; else what came of it. */
  async #exchange(
    place: Place,
    { draft, bytes }: Pick<Next, 'draft' | 'bytes'>,
    { former, second }: Seen,
  ): Promise<Replaced | undefined> {
    const disk = this.#disk;
    const file = place.folder.at(place.name);
    const rename = (): Promise<void> => disk.rename(draft, file);
    try {
      const act = (): Promise<boolean> => this.#whereSame(file, { former, second }, rename);
      const isSame = await (isReadOnly(former) ? this.#writable(file, draft, act) : act());
      if (!isSame) return { tag: 'changed' };
      this.#wereOpen.delete(file);
      return undefined;
    } catch (error) {
      const mayBeWritten = !isReadOnly(former) && this.#namesOf(file, second, former) <= 1;
      if (!(error instanceof FileInUse) || !this.#inPlace || !mayBeWritten) throw error;
      return await this.#inPlace.write(place, { former: former.bytes, next: bytes });
    }
  }

  /**
   * Does something about a file that may only be read, which what comes in its place may as well. While anybody has it
   * open nothing is changed: programs that watch it, this one among them, would be told at every try.
   */
  async #writable(file: string, draft: string, act: () => Promise<boolean>): Promise<boolean> {
    const disk = this.#disk;
    const alone = await this.#insist(file, () => disk.open(file, ALONE), isHeld);
    await alone.close();
    await disk.chmod(draft, READ_ONLY);
    await disk.chmod(file, WRITABLE);
    let isDone = false;
    try {
      isDone = await act();
      return isDone;
    } finally {
      if (!isDone) await disk.chmod(file, READ_ONLY);
    }
  }

  /**
   * False where the file is another one by now. A second name keeps what somebody writes while this is tried; without
   * one it is looked at before each try.
   */
  async #whereSame(
    file: string,
    { former, second }: Seen,
    act: () => Promise<void>,
  ): Promise<boolean> {
    const hash = hashOf(former.bytes);
    return this.#insist(file, async () => {
      const now = second === undefined ? await this.#read(file) : former;
      if (now === undefined || hashOf(now.bytes) !== hash) return false;
      await act();
      return true;
    });
  }

  /**
   * Gives the file a second name for as long as something is done about it. Undefined where the disk knows no second
   * names (FAT): what somebody writes there between the last look and the exchange goes unseen.
   */
  async #bySecondName(
    place: Place,
    work: (second: string | undefined) => Promise<Replaced>,
  ): Promise<Replaced> {
    await this.tidy();
    const second = place.folder.at(draftName());
    const file = place.folder.at(place.name);
    try {
      await this.#disk.link(file, second);
    } catch (error) {
      const code = systemCode(error) ?? '';
      if (MISSING.has(code)) return { tag: 'changed' };
      if (isLinkless(this.#disk, code)) return work(undefined);
      if (!mayBeInUse(error)) throw error;
      await this.#insist(file, () => this.#disk.link(file, second));
    }
    try {
      return await work(second);
    } finally {
      await this.#drop(second, file);
    }
  }

  async #read(file: string): Promise<Former | undefined> {
    const handle = await openRegular(this.#disk, file);
    try {
      const status = await handle?.stat();
      if (!handle || !status?.isFile()) return undefined;
      return { bytes: await readWhole(handle), bits: bitsOf(status), names: status.nlink };
    } finally {
      await handle?.close();
    }
  }

  /** Without its name in the folder it has one name less; a disk that counts none says nothing. */
  async #isElsewhere(second: string | undefined, former: Former): Promise<boolean> {
    if (second === undefined || former.names < 2) return false;
    return (await this.#disk.lstat(second)).nlink >= former.names;
  }

  async #late(second: string | undefined, hash: string | undefined): Promise<Replaced> {
    const now = second === undefined ? undefined : await this.#read(second);
    return now === undefined || hashOf(now.bytes) === hash
      ? { tag: 'done' }
      : { tag: 'late', bytes: now.bytes };
  }

  /** Removes what was put in the place of a file that has another name, unless somebody wrote to it. */
  async #takeBack(place: Place, hash: string): Promise<Replaced> {
    return this.#bySecondName(place, async (second) => {
      const file = place.folder.at(place.name);
      const put = await this.#read(second ?? file);
      if (put === undefined || hashOf(put.bytes) !== hash) return { tag: 'changed' };
      const rm = (): Promise<void> => this.#disk.rm(file, { force: true });
      if (!(await this.#whereSame(file, { former: put, second }, rm))) return { tag: 'changed' };
      const late = await this.#late(second, hash);
      return late.tag === 'late' ? late : { tag: 'changed' };
    });
  }

  async #insist<Result>(
    file: string,
    act: () => Promise<Result>,
    isInUse: (error: unknown) => boolean = mayBeInUse,
  ): Promise<Result> {
    try {
      return await insist(this.#disk, act, { once: this.#wereOpen.has(file), isInUse });
    } catch (error) {
      if (error instanceof FileInUse) remember(this.#wereOpen, file);
      throw error;
    }
  }

  /** A name of ours goes; one that somebody has open goes later, and is nobody's file until then. */
  async #drop(name: string, file: string): Promise<void> {
    try {
      await this.#disk.rm(name, { force: true });
      this.#left.delete(name);
      // A removed name stays taken where the disk waits for whoever has the file open.
      if (!this.#wereOpen.has(file) || !(await this.#isTaken(name))) return;
    } catch (error) {
      if (!mayBeInUse(error)) throw error;
    }
    this.#left.set(name, file);
    const [oldest] = this.#left.keys();
    if (this.#left.size > MOST_REMEMBERED && oldest !== undefined) this.#left.delete(oldest);
  }

  async #isTaken(name: string): Promise<boolean> {
    try {
      await this.#disk.lstat(name);
      return true;
    } catch (error) {
      return !MISSING.has(systemCode(error) ?? '');
    }
  }

  /** Those that stay are remembered anew meanwhile. */
  async tidy(): Promise<void> {
    const left = [...this.#left];
    for (const [name, file] of left) await this.#drop(name, file);
  }

  /** Those that are not ours; a disk that counts none says nothing. */
  #namesOf(file: string, second: string | undefined, { names }: Former): number {
    let own = second === undefined ? 0 : 1;
    for (const given of this.#left.values()) if (given === file) own += 1;
    return Math.max(1, names - own);
  }
}

function isReadOnly({ bits }: Former): boolean {
  return (bits.permissions & MAY_WRITE) === 0;
}

function remember(names: Set<string>, name: string): void {
  names.add(name);
  const [oldest] = names;
  if (names.size > MOST_REMEMBERED && oldest !== undefined) names.delete(oldest);
}

const MAY_WRITE = 0o222;
const READ_ONLY = 0o444;
const WRITABLE = 0o666;
