/**
 * Owns: that what somebody types into a field of ours, and has not sent yet, outlives the field: hidden, reloaded or
 * killed, it is in a file of the home until it is sent. Does not know: which fields there are.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../host/host-error.ts';
import { replaceFile } from '../host/replace-file.ts';
import type { WorldLog } from '../world/log.ts';

/** What stands in a field. */
export interface TypedText {
  readonly text: string;
  /** What its author was looking at as they began, where the field is about something that others may change. */
  readonly about: string;
}

export interface TypedTextsPlace {
  readonly home: string;
  /** Of which world. */
  readonly database: string;
}

/** A longer text is kept for as long as the window lives, and not on disk: nor is what it was before it grew. */
const MAX_CHARACTERS = 256 * 1024;
/** What was typed longest ago goes where there are more fields, or more bytes. */
const MOST_FIELDS = 64;
const MOST_BYTES = 4 * 1024 * 1024;

/** A text, or how to come by it once it is written: whoever types does not wait for a copy of a long one. */
export type TextOrRead = string | (() => string);

interface Held {
  readonly text: TextOrRead;
  readonly about: string;
}

export class TypedTexts {
  readonly #directory: string;
  readonly #log: Pick<WorldLog, 'warn'>;
  /** What the disk does not have yet, or cannot have, by field; undefined for one that was sent. */
  readonly #held = new Map<string, Held | undefined>();
  readonly #writing = new Map<string, Promise<void>>();

  constructor({ home, database }: TypedTextsPlace, log: Pick<WorldLog, 'warn'>) {
    this.#directory = path.join(home, 'typed', encodeURIComponent(database));
    this.#log = log;
  }

  /** What stands in a field now; nothing is to be waited for. */
  keep(field: string, text: TextOrRead, about = ''): void {
    this.#put(field, { text, about });
  }

  /** It was sent, or given up. */
  forget(field: string): void {
    this.#put(field, undefined);
  }

  /** What was typed into a field, in whichever window, and not sent. */
  async read(field: string): Promise<TypedText | undefined> {
    if (this.#held.has(field)) return textOf(this.#held.get(field));
    const kept = await readKept(this.#fileOf(field));
    return kept?.field === field ? { text: kept.text, about: kept.about } : undefined;
  }

  /** Resolves when the disk has everything that it can have; what it has not taken before is tried again. */
  async flush(): Promise<void> {
    for (const field of this.#held.keys()) this.#begin(field);
    await Promise.all(this.#writing.values());
  }

  #put(field: string, held: Held | undefined): void {
    this.#held.delete(field);
    this.#held.set(field, held);
    const [oldest] = this.#held.keys();
    // Where the disk takes nothing.
    if (this.#held.size > MOST_FIELDS && oldest !== undefined) this.#held.delete(oldest);
    this.#begin(field);
  }

  /** What is typed while the disk is busy is written in one go after it. */
  #begin(field: string): void {
    if (!this.#writing.has(field)) this.#writing.set(field, this.#write(field));
  }

  async #write(field: string): Promise<void> {
    try {
      for (;;) {
        // Whoever types does not wait until the text is read.
        await new Promise((resolve) => setImmediate(resolve));
        // Too many others wait for the disk.
        if (!this.#held.has(field)) return;
        const held = this.#held.get(field);
        const isOnDisk = await this.#tryToStore(field, held);
        // Also where that failed: nobody else tries it with what was typed meanwhile.
        if (this.#held.get(field) !== held) continue;
        if (isOnDisk) this.#held.delete(field);
        return;
      }
    } finally {
      this.#writing.delete(field);
    }
  }

  async #tryToStore(field: string, held: Held | undefined): Promise<boolean> {
    try {
      return await this.#store(field, textOf(held));
    } catch (error) {
      // The text is in the field, and here: with the next key it is tried again.
      this.#log.warn('editor.typed_text_not_kept', { error: String(error) });
      return false;
    }
  }

  /** Says whether the disk is as it should be. */
  async #store(field: string, typed: TypedText | undefined): Promise<boolean> {
    const file = this.#fileOf(field);
    if (typed === undefined) {
      await rm(file, { force: true });
      return true;
    }
    if (typed.text.length + typed.about.length > MAX_CHARACTERS) {
      // A shorter text would come back as what was written.
      await rm(file, { force: true });
      return false;
    }
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const content = JSON.stringify({ field, ...typed } satisfies Kept);
    const draft = `${file}.${randomUUID()}.tmp`;
    const isNew = (await stat(file).catch(() => undefined)) === undefined;
    await replaceFile(file, content, { draft, mode: 0o600, isSynced: true });
    if (isNew) await this.#forgetOldest();
    return true;
  }

  async #forgetOldest(): Promise<void> {
    const names = await readdir(this.#directory);
    const files = await Promise.all(
      names.map(async (name) => {
        const file = path.join(this.#directory, name);
        const found = await stat(file).catch(() => undefined);
        return { file, bytes: found?.size ?? 0, atMs: found?.mtimeMs ?? 0 };
      }),
    );
    files.sort((one, other) => other.atMs - one.atMs);
    let bytes = 0;
    for (const [index, each] of files.entries()) {
      bytes += each.bytes;
      const isTooMuch = index >= MOST_FIELDS || bytes > MOST_BYTES;
      if (isTooMuch) await rm(each.file, { force: true });
    }
  }

  #fileOf(field: string): string {
    const name = createHash('sha256').update(field).digest('hex').slice(0, 32);
    return path.join(this.#directory, `${name}.json`);
  }
}

interface Kept extends TypedText {
  readonly field: string;
}

function textOf(held: Held | undefined): TypedText | undefined {
  if (held === undefined) return undefined;
  const { text, about } = held;
  return { text: typeof text === 'string' ? text : text(), about };
}

/** Undefined for none, and for one that is no such file. */
async function readKept(file: string): Promise<Kept | undefined> {
  try {
    const { field, text, about } = JSON.parse(await readFile(file, 'utf8')) as Partial<Kept>;
    const isKept = [field, text, about].every((each) => typeof each === 'string');
    return isKept ? ({ field, text, about } as Kept) : undefined;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
