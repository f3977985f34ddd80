/**
 * Owns: writing over the bytes of a file that keeps its place, where no other way is left. A note with the old and
 * the new bytes is on disk before the first of them is written, so that whoever comes after a process that was killed
 * in between knows a file that is half the one and half the other, and finishes it; only whoever keeps the folder does.
 * Does not know: when.
 */
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { DiskPort } from '../host/disk-port.ts';
import { writeFileAtomically } from '../host/home.ts';
import { systemCode } from '../host/host-error.ts';
import { isHeld, tryAgain } from '../host/try-again.ts';
import type { Place, Replaced } from './file-exchange.ts';
import { FileInUse } from './file-in-use.ts';
import { LinkInTheWay } from './pinned-folder.ts';
import { readWhole } from './placed-file.ts';

export interface InPlaceBytes {
  readonly former: Uint8Array;
  readonly next: Uint8Array;
}

/** A write that was begun, and where. */
interface Begun extends InPlaceBytes {
  /** In the folder. */
  readonly path: string;
}

/** Keeps what is about to be finished: it looks like half a text, and somebody may have meant it all the same. */
export type KeepHalf = (worldPath: string, bytes: Uint8Array) => Promise<void>;

export class InPlaceWrites {
  readonly #disk: DiskPort;
  readonly #directory: string;
  /** Of whoever keeps the folder: nobody else finishes what others may have under way. */
  #keepHalf: KeepHalf | undefined;
  /** What was found to be begun, by its note, since this process keeps the folder. */
  readonly #begun = new Map<string, Begun>();
  #areRead = false;
  #reading: Promise<void> | undefined;
  /** Notes of what this process writes now. */
  readonly #underWay = new Set<string>();
  /** Notes of what is whole that somebody had open when they were to be removed. */
  readonly #over = new Set<string>();

  /** `directory`: where notes are kept, outside of the folder. */
  constructor(disk: DiskPort, directory: string) {
    this.#disk = disk;
    this.#directory = directory;
  }

  /** This process keeps the folder from now on: what others left begun is read anew, and is for it to finish. */
  keep(keepHalf: KeepHalf): void {
    this.#keepHalf = keepHalf;
    this.#areRead = false;
    this.#begun.clear();
  }

  letGo(): void {
    this.#keepHalf = undefined;
  }

  /** Throws `FileInUse` where whoever has the file open lets nobody write either. */
  async write(place: Place, bytes: InPlaceBytes): Promise<Replaced> {
    const note = path.join(this.#directory, `${crypto.randomUUID()}${NOTE}`);
    this.#underWay.add(note);
    try {
      const isWritten = await this.#opened(place, async (handle) => {
        await mkdir(this.#directory, { recursive: true, mode: 0o700 });
        await writeFileAtomically(note, toText(place.path, bytes));
        // Nothing comes between this look and the first byte but what the system itself takes time for.
        if (!isSame(await readWhole(handle), bytes.former)) return false;
        await overwrite(handle, bytes);
        return true;
      });
      await this.#remove(note);
      return { tag: isWritten ? 'done' : 'changed' };
    } catch (error) {
      if (error instanceof CutShort) this.#begun.set(note, { ...bytes, path: place.path });
      else await this.#remove(note);
      throw causeOf(error);
    } finally {
      this.#underWay.delete(note);
    }
  }

  /** True where something was begun that need not be whole: it is to be finished before anything is read there. */
  async has(worldPath: string): Promise<boolean> {
    if (!this.#keepHalf) return false;
    await this.#read();
    return this.#notesOf(worldPath).length > 0;
  }

  /** Throws `FileInUse` where that has to wait. */
  async finish(place: Place): Promise<void> {
    for (const note of this.#notesOf(place.path)) {
      // Whoever wrote it is done after all.
      const begun = await this.#readNote(note);
      if (!begun) this.#begun.delete(note);
      else if (await this.#finishOne(place, begun)) await this.#remove(note);
    }
  }

  /** There is no such file any more. */
  async forget(worldPath: string): Promise<void> {
    for (const note of this.#notesOf(worldPath)) await this.#remove(note);
  }

  /** False where another file has come there meanwhile. */
  async #finishOne(place: Place, { former, next }: Begun): Promise<boolean> {
    try {
      const isSeen = await this.#opened(place, async (handle) => {
        const bytes = await readWhole(handle);
        // What is something else by now somebody wrote since, and is judged like any writing.
        if (!isTorn(bytes, { former, next })) return true;
        await this.#keepHalf?.(place.path, bytes);
        await overwrite(handle, { former: bytes, next });
        return true;
      });
      return isSeen === true;
    } catch (error) {
      throw causeOf(error);
    }
  }

  /** Undefined where the file is another one by the time it is open: nothing is written through a link. */
  async #opened<Result>(
    { folder, name }: Place,
    work: (handle: Handle) => Promise<Result>,
  ): Promise<Result | undefined> {
    const file = folder.at(name);
    let handle: Handle;
    try {
      handle = await this.#disk.open(file, 'r+');
    } catch (error) {
      throw isHeld(error) ? new FileInUse(error) : error;
    }
    try {
      await folder.confirm();
      const [there, opened] = [await this.#disk.lstat(file), await handle.stat()];
      if (there.isSymbolicLink()) throw new LinkInTheWay();
      if (there.ino !== opened.ino || there.dev !== opened.dev) return undefined;
      return await work(handle);
    } finally {
      await handle.close();
    }
  }

  #notesOf(worldPath: string): readonly string[] {
    const notes = [...this.#begun].filter(([, begun]) => begun.path === worldPath);
    return notes.map(([note]) => note);
  }

  /** Once since this process keeps the folder; what fails is tried again when it is asked next. */
  async #read(): Promise<void> {
    if (this.#areRead) return;
    this.#reading ??= this.#readAll().finally(() => (this.#reading = undefined));
    await this.#reading;
  }

  async #readAll(): Promise<void> {
    for (const note of this.#over) await this.#remove(note);
    for (const name of await readdir(this.#directory).catch(whereMissing)) {
      const note = path.join(this.#directory, name);
      const isOwn = this.#underWay.has(note) || this.#over.has(note);
      const begun = name.endsWith(NOTE) && !isOwn ? await this.#readNote(note) : undefined;
      if (begun) this.#begun.set(note, begun);
    }
    this.#areRead = true;
  }

  /** Undefined for none, and for what is no such note. */
  async #readNote(note: string): Promise<Begun | undefined> {
    try {
      const handle = await tryAgain(() => this.#disk.open(note, 'r'), this.#disk);
      try {
        return fromText(await handle.readFile('utf8'));
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** One that somebody has open goes later: what it tells of is done. */
  async #remove(note: string): Promise<void> {
    this.#begun.delete(note);
    try {
      await tryAgain(() => this.#disk.rm(note, { force: true }), this.#disk);
      this.#over.delete(note);
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      this.#over.add(note);
    }
  }
}

type Handle = Awaited<ReturnType<DiskPort['open']>>;

const NOTE = '.in-place.json';
/** What Windows says, by way of libuv, of a range that is locked, and of a file that is mapped. */
const REFUSED_WRITES: ReadonlySet<string> = new Set(['EBUSY', 'EPERM', 'UNKNOWN']);

/** What was written could not be taken back either: the file is half the one and half the other. */
class CutShort extends Error {
  constructor(cause: unknown) {
    super('a write in place was cut short', { cause });
    this.name = 'CutShort';
  }
}

function causeOf(error: unknown): unknown {
  return error instanceof CutShort ? error.cause : error;
}

/** Whoever has the file open may refuse a write as well. */
function asTold(error: unknown): unknown {
  return REFUSED_WRITES.has(systemCode(error) ?? '') ? new FileInUse(error) : error;
}

/**
 * From the first byte on, and what is longer is cut off at last: `isTorn` relies on it. What fails is taken back;
 * throws `CutShort` where that fails too.
 */
async function overwrite(handle: Handle, { former, next }: InPlaceBytes): Promise<void> {
  let written = 0;
  try {
    await writeFrom(handle, next, (at) => (written = at));
    if (former.length > next.length) await handle.truncate(next.length);
    await handle.sync();
  } catch (error) {
    try {
      await writeFrom(handle, former.subarray(0, written));
      const { size } = await handle.stat();
      if (size > former.length) await handle.truncate(former.length);
      await handle.sync();
    } catch {
      throw new CutShort(asTold(error));
    }
    throw asTold(error);
  }
}

async function writeFrom(
  handle: Handle,
  bytes: Uint8Array,
  onWritten: (atByte: number) => void = () => undefined,
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, at);
    at += bytesWritten;
    onWritten(at);
  }
}

/** True for the first bytes of `next` with what `former` has behind them: so a write leaves it that is cut short. */
export function isTorn(bytes: Uint8Array, { former, next }: InPlaceBytes): boolean {
  if (isSame(bytes, former) || isSame(bytes, next)) return false;
  let begun = 0;
  while (begun < bytes.length && begun < next.length && bytes[begun] === next[begun]) begun += 1;
  if (bytes.length !== Math.max(begun, former.length)) return false;
  return isSame(bytes.subarray(begun), former.subarray(begun));
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function toText(worldPath: string, { former, next }: InPlaceBytes): string {
  const [was, is] = [former, next].map((bytes) => Buffer.from(bytes).toString('base64'));
  return JSON.stringify({ path: worldPath, former: was, next: is });
}

/** Undefined for what is no such note. */
function fromText(text: string): Begun | undefined {
  try {
    const parsed = JSON.parse(text) as Record<string, unknown> | null;
    const { path, former, next } = parsed ?? {};
    if (typeof path !== 'string' || typeof former !== 'string' || typeof next !== 'string') {
      return undefined;
    }
    return { path, former: Buffer.from(former, 'base64'), next: Buffer.from(next, 'base64') };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function whereMissing(error: unknown): readonly string[] {
  if (systemCode(error) === 'ENOENT') return [];
  throw error;
}
