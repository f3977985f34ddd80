/**
 * Owns: an append-only file of JSON lines that several processes write and each reads on as it grows.
 * Does not know: what the lines say.
 */
import { appendFileSync, closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { appendFile, stat } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { writeFileAtomically } from '../host/home.ts';
import { systemWatch, type WatchPort } from './watch-port.ts';

const LINE_FEED = 0x0a;
/** To hand the steps of so few bytes to other threads costs more than to do them. */
const MOST_AT_ONCE = 256 * 1024;
/** A file that the system does not watch is looked at so often; somebody may wait for what it says. */
const LOOK_MS = 100;

export class LogFile<Entry> {
  readonly #file: string;
  readonly #apply: (entry: Entry) => void;
  readonly #watch: WatchPort;
  /** Lines that wait for the write that is under way. */
  #outbox = '';
  #nextWrite: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #offset = 0;
  #rest = Buffer.alloc(0);
  /** Reads one after the other: two at once would take in the same lines twice. */
  #reading: Promise<void> = Promise.resolve();
  #nextRead: Promise<void> | undefined;

  /** `apply` gets every entry once, in the order of the file. */
  constructor(file: string, apply: (entry: Entry) => void, watch: WatchPort = systemWatch) {
    this.#watch = watch;
    this.#file = file;
    this.#apply = apply;
  }

  /** Makes the file where it is missing, and reads it. */
  async open(): Promise<void> {
    await appendFile(this.#file, '', { mode: 0o600 });
    await this.refresh();
  }

  /** How much of the file was read. */
  get byteLength(): number {
    return this.#offset;
  }

  /** Reads on whenever another process writes; the returned function ends that. */
  follow(onError: (error: unknown) => void): () => void {
    return this.#onGrowth(() => void this.refresh().catch(onError));
  }

  /** Calls when the file may have grown. The system may have no watch left: then it is looked at. */
  #onGrowth(fire: () => void): () => void {
    let stop = (): void => {};
    // By itself: whoever else looks may have read on meanwhile.
    let size = this.#offset;
    const look = (): void => {
      stop();
      const timer = setInterval(() => {
        const { size: now } = statSync(this.#file, { throwIfNoEntry: false }) ?? { size };
        if (now === size) return;
        size = now;
        fire();
      }, LOOK_MS);
      stop = () => clearInterval(timer);
    };
    try {
      const watcher = this.#watch(this.#file, { recursive: false });
      stop = () => watcher.close();
      watcher.on('change', fire);
      watcher.on('error', look);
    } catch {
      look();
    }
    return () => stop();
  }

  /** Resolves when they are in the file and were taken in. What is appended meanwhile goes together. */
  append(...entries: readonly Entry[]): Promise<void> {
    this.#outbox += linesOf(entries);
    if (this.#nextWrite === undefined) {
      const write = (): Promise<void> => this.#writeOutbox();
      this.#nextWrite = this.#writing.then(write, write);
      this.#writing = this.#nextWrite;
    }
    return this.#nextWrite;
  }

  /** Takes in what all processes appended since. Who asks before a read has begun gets that one. */
  refresh(): Promise<void> {
    if (this.#nextRead === undefined) {
      const read = (): void => {
        this.#nextRead = undefined;
        this.#readOn();
      };
      this.#nextRead = this.#reading.then(read, read);
      this.#reading = this.#nextRead;
    }
    return this.#nextRead;
  }

  /** Puts a new file in the place of the old one at once: a crash leaves one of the two. */
  async replaceBy(entries: readonly Entry[]): Promise<void> {
    const content = linesOf(entries);
    await writeFileAtomically(this.#file, content);
    this.#offset = Buffer.byteLength(content);
    this.#rest = Buffer.alloc(0);
  }

  /** Resolves when the file has grown and was read, or after a time. */
  async growth(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        stop();
        clearTimeout(timer);
        resolve();
      };
      const stop = this.#onGrowth(settle);
      const timer = setTimeout(settle, Math.max(1, timeoutMs));
      // It may have grown before the watcher began.
      void this.#hasGrown().then((hasGrown) => hasGrown && settle(), settle);
    });
    await this.refresh();
  }

  async #hasGrown(): Promise<boolean> {
    return (await stat(this.#file)).size > this.#offset;
  }

  async #writeOutbox(): Promise<void> {
    // What many files have to say after one answer of the world goes together.
    await nextTurn();
    const lines = this.#outbox;
    this.#outbox = '';
    this.#nextWrite = undefined;
    // One write of one buffer in append mode: lines of several processes do not mix.
    const options = { mode: 0o600 };
    if (lines.length <= MOST_AT_ONCE) appendFileSync(this.#file, lines, options);
    else await appendFile(this.#file, lines, options);
    await this.refresh();
  }

  /** At once: what is read is little, and costs less than to be handed to other threads. */
  #readOn(): void {
    const descriptor = openSync(this.#file, 'r');
    try {
      const { size } = fstatSync(descriptor);
      if (size <= this.#offset) return;
      const buffer = Buffer.allocUnsafe(size - this.#offset);
      const bytesRead = readSync(descriptor, buffer, 0, buffer.length, this.#offset);
      this.#offset += bytesRead;
      this.#take(buffer.subarray(0, bytesRead));
    } finally {
      closeSync(descriptor);
    }
  }

  #take(bytes: Buffer): void {
    const all = Buffer.concat([this.#rest, bytes]);
    const end = all.lastIndexOf(LINE_FEED) + 1;
    this.#rest = all.subarray(end);
    const lines = all.toString('utf8', 0, end).split('\n');
    const entries = lines.map(parseEntry).filter((entry) => entry !== undefined);
    for (const entry of entries) this.#apply(entry as Entry);
  }
}

function linesOf(entries: readonly unknown[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

/** A line that a crash cut short says nothing. */
function parseEntry(line: string): unknown {
  if (line === '') return undefined;
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
