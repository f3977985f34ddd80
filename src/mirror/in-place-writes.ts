/**
 * Owns: writing over the bytes of a file that keeps its place, where no other way is left. A note with the old and
 * the new bytes is on disk before the first of them is written, so that whoever comes after a process that was killed
 * in between knows a file that is half the one and half the other, and finishes it. Does not know: when.
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { DiskPort } from '../host/disk-port.ts';
import { writeFileAtomically } from '../host/home.ts';
import { systemCode } from '../host/host-error.ts';
import { mayBeInUse } from '../host/try-again.ts';
import type { Place, Replaced } from './file-exchange.ts';
import { FileInUse } from './file-in-use.ts';
import { readWhole } from './placed-file.ts';

export interface InPlaceBytes {
  readonly former: Uint8Array;
  readonly next: Uint8Array;
}

/** A write that was begun, by its path in the folder. */
interface Begun extends InPlaceBytes {
  readonly note: string;
}

export class InPlaceWrites {
  readonly #disk: DiskPort;
  readonly #directory: string;
  /** By the path in the folder; those of a process that was killed are among them. */
  #begun: Promise<Map<string, Begun>> | undefined;

  /** `directory`: where notes are kept, outside of the folder. */
  constructor(disk: DiskPort, directory: string) {
    this.#disk = disk;
    this.#directory = directory;
  }

  /** Throws `FileInUse` where whoever has the file open lets nobody write either. */
  async write(place: Place, bytes: InPlaceBytes): Promise<Replaced> {
    const begun = await this.#all();
    const note = path.join(this.#directory, `${crypto.randomUUID()}${NOTE}`);
    return this.#opened(place, async (handle) => {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      await writeFileAtomically(note, toText(place.path, bytes));
      begun.set(place.path, { ...bytes, note });
      // Nothing comes between this look and the first byte but what the system itself takes time for.
      const isExpected = isSame(await readWhole(handle), bytes.former);
      if (isExpected) await overwrite(handle, bytes.next);
      await this.forget(place.path);
      return { tag: isExpected ? 'done' : 'changed' };
    });
  }

  /** True where something was begun that need not be whole: it is to be finished before anything is read there. */
  async has(worldPath: string): Promise<boolean> {
    return (await this.#all()).has(worldPath);
  }

  /** Throws `FileInUse` where that has to wait. */
  async finish(place: Place): Promise<void> {
    const begun = (await this.#all()).get(place.path);
    if (begun === undefined) return;
    await this.#opened(place, async (handle) => {
      // What is something else by now somebody wrote since, and is judged like any writing.
      if (isTorn(await readWhole(handle), begun)) await overwrite(handle, begun.next);
    });
    await this.forget(place.path);
  }

  /** There is no such file any more, or it is whole. */
  async forget(worldPath: string): Promise<void> {
    const all = await this.#all();
    const begun = all.get(worldPath);
    if (begun === undefined) return;
    await rm(begun.note, { force: true });
    all.delete(worldPath);
  }

  async #opened<Result>(
    { folder, name }: Place,
    work: (handle: Handle) => Promise<Result>,
  ): Promise<Result> {
    let handle: Handle;
    try {
      handle = await this.#disk.open(folder.at(name), 'r+');
    } catch (error) {
      throw mayBeInUse(error) ? new FileInUse(error) : error;
    }
    try {
      return await work(handle);
    } finally {
      await handle.close();
    }
  }

  #all(): Promise<Map<string, Begun>> {
    this.#begun ??= this.#read();
    return this.#begun;
  }

  async #read(): Promise<Map<string, Begun>> {
    const begun = new Map<string, Begun>();
    for (const name of await readdir(this.#directory).catch(whereMissing)) {
      const note = path.join(this.#directory, name);
      const found = name.endsWith(NOTE) ? fromText(await readFile(note, 'utf8')) : undefined;
      if (found) begun.set(found.path, { ...found.bytes, note });
    }
    return begun;
  }
}

type Handle = Awaited<ReturnType<DiskPort['open']>>;

const NOTE = '.in-place.json';

/** From the first byte on, and what is longer is cut off at last: `isTorn` relies on it. */
async function overwrite(handle: Handle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, at);
    at += bytesWritten;
  }
  await handle.truncate(bytes.length);
  await handle.sync();
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
function fromText(text: string): { path: string; bytes: InPlaceBytes } | undefined {
  try {
    const { path, former, next } = JSON.parse(text) as Record<string, unknown>;
    if (typeof path !== 'string' || typeof former !== 'string' || typeof next !== 'string') {
      return undefined;
    }
    const [was, is] = [former, next].map((each) => Buffer.from(each, 'base64'));
    return { path, bytes: { former: was!, next: is! } };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function whereMissing(error: unknown): readonly string[] {
  if (systemCode(error) === 'ENOENT') return [];
  throw error;
}
