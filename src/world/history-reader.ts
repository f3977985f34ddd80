import type { IdentityHex, OpRecord } from '../core/op.ts';
import { traceLinesBack } from '../core/later-overlap.ts';
import type { LineRange } from '../core/map-position.ts';
import { readHeadSeq } from './read-head.ts';
import { FileOps } from './read-file-ops.ts';
import { opsBetween } from './read-ops.ts';
import type { WorldSession } from './world-session.ts';

/** Which ops of a world are wanted; all when nothing is said. */
export interface HistoryFilter {
  readonly fileId?: number | undefined;
  /** Only those that left their mark on these lines of the file, as they are at `version`. */
  readonly lines?: { readonly range: LineRange; readonly version: number } | undefined;
  readonly author?: IdentityHex | undefined;
}

/** Never more ops than these are looked through in one question. */
const WIDEST_WINDOW = 20_000;

/**
 * Reads a world's history, or a file's, from the newest op back, as much as is asked for. Of a long
 * history only what is shown is read. Rejects with `LinkFailure` when the connection ends.
 */
export class HistoryReader {
  readonly #session: WorldSession;
  readonly #filter: HistoryFilter;
  /** Ops from here on have been looked at: a number, or a version of the file. */
  #readFrom = 0;
  #newestSeq = 0;
  #window = 0;
  #lines: readonly LineRange[] | undefined;

  private constructor(session: WorldSession, filter: HistoryFilter) {
    this.#session = session;
    this.#filter = filter;
    this.#lines = filter.lines && [filter.lines.range];
  }

  /** Begins at the newest op there is now. */
  static async open(session: WorldSession, filter: HistoryFilter = {}): Promise<HistoryReader> {
    const reader = new HistoryReader(session, filter);
    const headSeq = await readHeadSeq(await session.whenOnline());
    const { fileId, lines } = filter;
    const version = fileId === undefined ? 0 : (session.view.files.get(fileId)?.version ?? 0);
    reader.#readFrom = fileId === undefined ? headSeq : (lines?.version ?? version);
    reader.#newestSeq = headSeq;
    return reader;
  }

  /** True when there is nothing older. */
  get isAtStart(): boolean {
    return this.#readFrom === 0 || this.#lines?.length === 0;
  }

  /** The number of the newest op of the world that was looked at. */
  get newestSeq(): number {
    return this.#newestSeq;
  }

  /** The next older ops, newest first: about so many, fewer only at the start of the history. */
  async older(count: number): Promise<readonly OpRecord[]> {
    const link = await this.#session.whenOnline();
    const { fileId } = this.#filter;
    const file = fileId === undefined ? undefined : await FileOps.open(link, fileId);
    const found: OpRecord[] = [];
    this.#window = Math.max(this.#window, count);
    while (found.length < count && !this.isAtStart) {
      const after = Math.max(0, this.#readFrom - this.#window);
      const ops = await this.#readBetween(file, after, this.#readFrom);
      this.#readFrom = after;
      for (const op of ops.toReversed()) if (this.#isWanted(op)) found.push(op);
      // Where few are wanted, more have to be looked through.
      if (ops.length < this.#window / 4) this.#window = Math.min(WIDEST_WINDOW, 4 * this.#window);
    }
    return found;
  }

  /** What came since, newest first. Lines are not followed forward: for those it is nothing. */
  async newer(): Promise<readonly OpRecord[]> {
    if (this.#lines) return [];
    const link = await this.#session.whenOnline();
    const { fileId, author } = this.#filter;
    const after = this.#newestSeq;
    const found: OpRecord[] = [];
    const headSeq = await readHeadSeq(link);
    for await (const ops of opsBetween(this.#session, after, headSeq, { author })) {
      for (const op of ops) if (fileId === undefined || op.fileId === fileId) found.push(op);
    }
    this.#newestSeq = headSeq;
    return found.reverse();
  }

  /** Between two versions of the file, or two ops of the world. */
  async #readBetween(
    file: FileOps | undefined,
    after: number,
    upTo: number,
  ): Promise<readonly OpRecord[]> {
    const { author } = this.#filter;
    if (file) {
      const ops = await file.read(after, upTo);
      // Lines are followed over everybody's ops.
      return author === undefined || this.#lines ? ops : ops.filter((op) => op.author === author);
    }
    const found: OpRecord[] = [];
    for await (const ops of opsBetween(this.#session, after, upTo, { author })) found.push(...ops);
    return found;
  }

  #isWanted(op: OpRecord): boolean {
    // What came after the reader began is told by `newer`.
    if (op.opSeq > this.#newestSeq) return false;
    const isAuthors = this.#filter.author === undefined || op.author === this.#filter.author;
    return this.#lines ? this.#touchesLines(op, this.#lines) && isAuthors : isAuthors;
  }

  #touchesLines({ kind, changes }: OpRecord, lines: readonly LineRange[]): boolean {
    if (lines.length === 0) return false;
    if (kind === 'create') return true;
    if (kind === 'conflict' || changes.length === 0) return false;
    const { meets, ranges } = traceLinesBack(changes, lines);
    this.#lines = ranges;
    return meets;
  }
}
