/**
 * Owns: what an agent is told by a file: what is new, what was new lately, and its refused writes; how much of
 * that and for how long; and what it was told up to. Does not know: what happens in the world, where the file is.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '../host/home.ts';
import {
  type FileEntry,
  MemoryRecord,
  NOTHING_TOLD,
  type ToldEntry,
} from './tools/agent-record.ts';

interface Notice {
  readonly atMs: number;
  readonly text: string;
  /** Of a write that was refused: its path. */
  readonly refused?: string;
}

interface Stored {
  readonly notices: readonly Notice[];
  readonly files: readonly FileEntry[];
  readonly told: ToldEntry;
}

/** So long what is new is added to what was; then it is a notice of its own. */
export const GATHERED_MS = 2 * 60_000;
/** An agent that works reads the file more often. */
export const KEPT_MS = 60 * 60_000;
/** What it wrote is lost to it until it knows. */
export const REFUSED_KEPT_MS = 24 * 60 * 60_000;
export const MOST_NOTICES = 8;
const MOST_REFUSED_CHARACTERS = 1024;

const MARK = '<!-- Written by Agent World, and in no world. It is kept up by itself. -->';

export class KeptNotices {
  readonly record = new MemoryRecord();
  readonly #file: string;
  #notices: readonly Notice[] = [];
  /** What is new, since when. */
  #new: { readonly text: string; readonly sinceMs: number } | undefined;
  #stored = '';

  /** `state`: the folder in which they are kept. */
  static async read(state: string): Promise<KeptNotices> {
    const kept = new KeptNotices(path.join(state, 'notices.json'));
    await kept.#read();
    return kept;
  }

  /** True for a text of the file that was written here. */
  static isOurs(text: string): boolean {
    return text.startsWith(MARK);
  }

  private constructor(file: string) {
    this.#file = file;
  }

  /** The newest write at a path that was refused; empty of what was written there before. */
  refused(file: string, text: string, atMs: number): void {
    const short = text.slice(0, MOST_REFUSED_CHARACTERS).toWellFormed();
    this.accepted(file);
    this.#put({ atMs, text: short, refused: file });
  }

  /** The world has what the agent wrote at a path. */
  accepted(file: string): void {
    this.#notices = this.#notices.filter(({ refused }) => refused !== file);
  }

  /** What there is to tell now; true where it counts as told from now on. */
  news(text: string, isFull: boolean, nowMs: number): boolean {
    if (text === '') {
      this.#new = undefined;
      return true;
    }
    const sinceMs = this.#new?.sinceMs ?? nowMs;
    const isOver = isFull || nowMs - sinceMs >= GATHERED_MS;
    this.#new = isOver ? undefined : { text, sinceMs };
    if (isOver) this.#put({ atMs: nowMs, text });
    return isOver;
  }

  /** In how many milliseconds the file is to change though nothing happens; undefined for never. */
  dueMs(nowMs: number): number | undefined {
    const ends = this.#notices.map(endOf);
    if (this.#new) ends.push(this.#new.sinceMs + GATHERED_MS);
    return ends.length === 0 ? undefined : Math.max(0, Math.min(...ends) - nowMs);
  }

  /** The file, what holds now before what is new, the newest first; empty where there is nothing to tell. */
  text(world: string, nowMs: number, standing = ''): string {
    this.#notices = this.#notices.filter((notice) => endOf(notice) > nowMs);
    const parts = this.#notices.map(({ atMs, text }) => `## ${timeOf(atMs)}\n\n${text}`);
    if (this.#new) parts.unshift(`## New since ${timeOf(this.#new.sinceMs)}\n\n${this.#new.text}`);
    if (standing !== '') parts.unshift(standing);
    if (parts.length === 0) return '';
    return `${[MARK, `# News of the shared world ${world}`, ...parts].join('\n\n')}\n`;
  }

  /** Keeps it for the next start. */
  async write(): Promise<void> {
    const files = this.record.files();
    const stored: Stored = { notices: this.#notices, files, told: this.record.told() };
    const text = JSON.stringify(stored);
    if (text === this.#stored) return;
    await writeFileAtomically(this.#file, text);
    this.#stored = text;
  }

  /** What is damaged is told anew. */
  async #read(): Promise<void> {
    const text = await readFile(this.#file, 'utf8').catch(() => '');
    try {
      const { notices, files, told } = JSON.parse(text) as Stored;
      this.#notices = [...notices];
      for (const entry of files) this.record.putFile(entry);
      this.record.putTold({ ...NOTHING_TOLD, ...told });
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    }
  }

  #put(notice: Notice): void {
    this.#notices = [notice, ...this.#notices].slice(0, MOST_NOTICES);
  }
}

function endOf({ atMs, refused }: Notice): number {
  return atMs + (refused === undefined ? KEPT_MS : REFUSED_KEPT_MS);
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
