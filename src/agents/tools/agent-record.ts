/**
 * Owns: what an agent was given and told in one session of its client: files by version, and how far it
 * was told of the rest. No text of files is in it. Does not know: where it is kept.
 */
import type { LineSpan } from './numbered-lines.ts';

export interface FileEntry {
  readonly fileId: number;
  /** Where the file was when it was given. */
  readonly path: string;
  /** Where the agent was last told that it is; empty for a file that it was told is gone. */
  readonly toldPath: string;
  /** Of the text that the agent has in mind. */
  readonly version: number;
  /** Up to which version it was told what others did. */
  readonly toldVersion: number;
  /** Which lines of that version it was given. */
  readonly seen: 'all' | readonly LineSpan[];
  /** It edited the file after it was given that version, and others did in between. */
  readonly isMixed: boolean;
  /**
   * Content hash, in hexadecimal, of a text that the agent has in mind and that no version was known to have
   * when it was noted, such as one that it has just written on disk.
   */
  readonly unplaced?: string | undefined;
  readonly atMs: number;
}

export interface ToldEntry {
  /** The last message. */
  readonly noteId: number;
  /** Its own tickets that were open when it was last told. */
  readonly tickets: readonly number[];
  /** Claims that are there, and that it was told of. */
  readonly claims: readonly number[];
  readonly restorations: readonly number[];
}

export interface AgentRecord {
  file(fileId: number): FileEntry | undefined;
  /** The file that was at this path when the agent was given it. */
  fileAt(path: string): FileEntry | undefined;
  files(): readonly FileEntry[];
  putFile(entry: FileEntry): void;
  told(): ToldEntry;
  putTold(entry: ToldEntry): void;
}

/** More files than these are forgotten, the one that was given first at first. */
export const MOST_FILES = 256;
/** Runs of lines of one file; beyond it the first ones are forgotten. */
export const MOST_SPANS = 64;

export const NOTHING_TOLD: ToldEntry = { noteId: 0, tickets: [], claims: [], restorations: [] };

/** For one process, and as long as it lives. */
export class MemoryRecord implements AgentRecord {
  readonly #files = new Map<number, FileEntry>();
  #told = NOTHING_TOLD;

  file(fileId: number): FileEntry | undefined {
    return this.#files.get(fileId);
  }

  fileAt(path: string): FileEntry | undefined {
    return newestAt(this.#files.values(), path);
  }

  files(): readonly FileEntry[] {
    return [...this.#files.values()];
  }

  putFile(entry: FileEntry): void {
    this.#files.delete(entry.fileId);
    this.#files.set(entry.fileId, entry);
    for (const fileId of this.#files.keys()) {
      if (this.#files.size <= MOST_FILES) break;
      this.#files.delete(fileId);
    }
  }

  told(): ToldEntry {
    return this.#told;
  }

  putTold(entry: ToldEntry): void {
    this.#told = entry;
  }
}

export function newestAt(entries: Iterable<FileEntry>, path: string): FileEntry | undefined {
  let newest: FileEntry | undefined;
  for (const entry of entries) {
    const isAt = entry.path === path || entry.toldPath === path;
    if (isAt && (newest === undefined || entry.atMs >= newest.atMs)) newest = entry;
  }
  return newest;
}

/** The runs of lines together, in order and joined where they touch. */
export function joinSpans(spans: readonly LineSpan[]): readonly LineSpan[] {
  const joined: LineSpan[] = [];
  for (const span of [...spans].sort((a, b) => a.firstLine - b.firstLine)) {
    const last = joined.at(-1);
    if (last && span.firstLine <= last.lastLine + 1) {
      const lastLine = Math.max(last.lastLine, span.lastLine);
      joined[joined.length - 1] = { firstLine: last.firstLine, lastLine };
    } else joined.push(span);
  }
  return joined.slice(-MOST_SPANS);
}
