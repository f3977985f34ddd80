/**
 * Owns: what a user has read of a world's messages, for all windows: one small file that is appended to,
 * so that no window takes back what another one wrote. Does not know: the messages.
 */
import { type FSWatcher, watch } from 'node:fs';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '../host/home.ts';
import { systemCode } from '../host/host-error.ts';
import { Listeners, type StopListening } from './listeners.ts';
import type { WorldLog } from './log.ts';
import type { ConversationKey } from './note-book.ts';

/** A longer file is written anew when a window opens it. */
const MAX_BYTES = 64 * 1024;

export interface ReadMarksPlace {
  readonly home: string;
  /** Which world, and as whom. */
  readonly database: string;
  readonly identity: string;
}

export class ReadMarks {
  readonly #file: string;
  readonly #log: WorldLog;
  readonly #changes: Listeners<void>;
  #upTo: ReadonlyMap<string, number> = new Map();
  #watcher: FSWatcher | undefined;
  #isStale = false;
  #isReading = false;
  #writing: Promise<void> = Promise.resolve();

  /** Reads what any window has marked, and follows what others will. */
  static async open(place: ReadMarksPlace, log: WorldLog): Promise<ReadMarks> {
    const marks = new ReadMarks(fileOf(place), log);
    await mkdir(path.dirname(marks.#file), { recursive: true, mode: 0o700 });
    await marks.#begin();
    return marks;
  }

  private constructor(file: string, log: WorldLog) {
    this.#file = file;
    this.#log = log;
    this.#changes = new Listeners((error) => this.#failed(error));
  }

  /** The last message of a conversation that was read; 0 for none. */
  upTo(key: ConversationKey): number {
    return this.#upTo.get(key) ?? 0;
  }

  /** Some message is read now, here or in another window. */
  onChange(listener: () => void): StopListening {
    return this.#changes.add(listener);
  }

  /** Everything of a conversation up to this message is read. Resolves when that is on disk. */
  mark(key: ConversationKey, noteId: number): Promise<void> {
    if (noteId <= this.upTo(key)) return this.#writing;
    this.#upTo = new Map(this.#upTo).set(key, noteId);
    this.#changes.emit();
    // On a line of its own, also after one that a crash cut short.
    const line = `\n${JSON.stringify({ key, noteId } satisfies Mark)}\n`;
    this.#writing = this.#writing
      .then(() => appendFile(this.#file, line, { mode: 0o600 }))
      .catch((error: unknown) => this.#failed(error));
    return this.#writing;
  }

  close(): void {
    this.#watcher?.close();
  }

  async #begin(): Promise<void> {
    const text = await this.#read();
    if (text.length > MAX_BYTES) await writeFileAtomically(this.#file, textOf(this.#upTo));
    this.#watch();
    await this.#read();
  }

  /** Where the system has no watch left, what other windows have read is known when this one opens. */
  #watch(): void {
    try {
      // The folder, not the file: that may be written anew.
      this.#watcher = watch(path.dirname(this.#file), { persistent: false }, (_, name) => {
        if (name === null || name === path.basename(this.#file)) void this.#follow();
      });
      this.#watcher.on('error', (error) => this.#failed(error));
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Reads again; what is written while it reads is read in one more go. */
  async #follow(): Promise<void> {
    this.#isStale = true;
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#isStale) {
      this.#isStale = false;
      const before = this.#upTo;
      await this.#read().catch((error: unknown) => this.#failed(error));
      if (before !== this.#upTo) this.#changes.emit();
    }
    this.#isReading = false;
  }

  /** A mark never goes back: what one window has read is read. */
  async #read(): Promise<string> {
    const text = await readFile(this.#file, 'utf8').catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return '';
      throw error;
    });
    const upTo = new Map(this.#upTo);
    for (const { key, noteId } of marksIn(text)) {
      if (noteId > (upTo.get(key) ?? 0)) upTo.set(key, noteId);
    }
    const isSame = [...upTo].every(([key, noteId]) => this.#upTo.get(key) === noteId);
    if (!isSame) this.#upTo = upTo;
    return text;
  }

  #failed(error: unknown): void {
    this.#log.warn('notes.read_marks_failed', { error: String(error) });
  }
}

interface Mark {
  readonly key: string;
  readonly noteId: number;
}

function fileOf({ home, database, identity }: ReadMarksPlace): string {
  const name = `${encodeURIComponent(database)}-${identity.slice(0, 16)}.jsonl`;
  return path.join(home, 'read', name);
}

function textOf(upTo: ReadonlyMap<string, number>): string {
  return [...upTo].map(([key, noteId]) => `${JSON.stringify({ key, noteId })}\n`).join('');
}

/** A line that a crash cut short is none. */
function marksIn(text: string): readonly Mark[] {
  return text.split('\n').flatMap((line) => {
    try {
      const mark = JSON.parse(line) as { key?: unknown; noteId?: unknown } | null;
      const { key, noteId } = mark ?? {};
      return typeof key === 'string' && typeof noteId === 'number' ? [{ key, noteId }] : [];
    } catch (error) {
      if (error instanceof SyntaxError) return [];
      throw error;
    }
  });
}
