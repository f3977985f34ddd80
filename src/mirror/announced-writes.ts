/**
 * Owns: what hooks of an agent's client have said of writes that its tools are about to make in a folder: where
 * nothing is put meanwhile, and on which text one of them is made. Does not know: the client, when files are looked
 * at.
 */
import { createHash } from 'node:crypto';
import type { FolderLogEntry } from './folder-log-entry.ts';

/** A whole text that a tool will write, and the version that its author read. */
export interface MadeText {
  /** As `madeTextHash` has it. */
  readonly hash: string;
  readonly fileId: number;
  readonly version: number;
}

/** A line of the folder's log: a tool is about to write. */
export interface WritingEntry {
  readonly tag: 'writing';
  readonly path: string;
  /** Since 1970. */
  readonly atMs: number;
  readonly made?: MadeText;
}

/** So long nothing is put there, at the most: the client may ask somebody first, or do nothing. */
const MOST_MS = 10_000;
const MOST_PATHS = 256;

export class AnnouncedWrites {
  readonly #writing = new Map<string, number>();
  readonly #made = new Map<string, MadeText>();
  /** The paths of what is being taken in, by the question. */
  readonly #taking = new Map<string, string>();

  apply(entry: FolderLogEntry): void {
    if (entry.tag === 'ask' && entry.ask.does === 'take') {
      this.#writing.delete(entry.ask.path);
      putNewest(this.#taking, entry.askId, entry.ask.path);
    }
    if (entry.tag === 'answer') this.#taken(entry.askId);
    if (entry.tag !== 'writing') return;
    const { path, atMs, made } = entry;
    putNewest(this.#writing, path, atMs + MOST_MS);
    this.#made.delete(path);
    if (made) putNewest(this.#made, path, made);
  }

  /** Milliseconds for which nothing may be put at a path; 0 for none. */
  waitMs(path: string): number {
    return Math.max(0, (this.#writing.get(path) ?? 0) - Date.now());
  }

  /** What is known of a text that was found at a path, if a hook has announced it. */
  madeAt(path: string, readText: () => string | undefined): MadeText | undefined {
    const made = this.#made.get(path);
    const text = made && readText();
    return text !== undefined && made?.hash === madeTextHash(text) ? made : undefined;
  }

  /** The same text, if it comes again, is made from what is there then. */
  #taken(askId: string): void {
    const path = this.#taking.get(askId);
    this.#taking.delete(askId);
    if (path !== undefined) this.#made.delete(path);
  }
}

/** Of a text without what clients change in it by themselves: line ends, and one at the end of the text. */
export function madeTextHash(text: string): string {
  const plain = text
    .replaceAll('\r\n', '\n')
    .replace(/^\ufeff/, '')
    .replace(/\n$/, '');
  return createHash('sha256').update(plain, 'utf8').digest('hex');
}

function putNewest<Value>(map: Map<string, Value>, path: string, value: Value): void {
  map.delete(path);
  map.set(path, value);
  const [oldest] = map.keys();
  if (map.size > MOST_PATHS && oldest !== undefined) map.delete(oldest);
}
