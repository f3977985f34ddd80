/**
 * Owns: what the history view shows: which part of the history, as much of it as was asked for, in
 * entries. Does not know: how it is shown.
 */
import {
  type HistoryEntry,
  HistoryEntries,
  type OpSummary,
  summaryOf,
} from '../../core/history-entries.ts';
import type { OpRecord } from '../../core/op.ts';
import { type HistoryFilter, HistoryReader } from '../../world/history-reader.ts';
import type { WorldSession } from '../../world/world-session.ts';

/** So many more entries come with each page, unless that takes reading too many ops. */
const PAGE_ENTRIES = 50;
const PAGE_OPS = 2_000;
const OPS_AT_A_TIME = 200;

export class HistoryList {
  readonly #session: WorldSession;
  readonly filter: HistoryFilter;
  /** Newest first. */
  #ops: OpSummary[] = [];
  #entries: readonly HistoryEntry[] = [];
  #entryOfOp: ReadonlyMap<number, HistoryEntry> = new Map();
  #reader: HistoryReader | undefined;
  /** Readings wait for each other: each goes on where the one before ended. */
  #reading: Promise<void> = Promise.resolve();

  constructor(session: WorldSession, filter: HistoryFilter = {}) {
    this.#session = session;
    this.filter = filter;
  }

  /** Newest first. */
  get entries(): readonly HistoryEntry[] {
    return this.#entries;
  }

  /** True once the first page is there. */
  get isRead(): boolean {
    return this.#reader !== undefined;
  }

  get hasOlder(): boolean {
    return this.#reader?.isAtStart === false;
  }

  /** The entry that an op is in. */
  entryOf(opSeq: number): HistoryEntry | undefined {
    return this.#entryOfOp.get(opSeq);
  }

  op(opSeq: number): OpSummary | undefined {
    return this.entryOf(opSeq)?.ops.find((op) => op.opSeq === opSeq);
  }

  /** Reads one page more; the first one to begin with. Rejects when the connection ends. */
  readOlder(): Promise<void> {
    return this.#next(async () => {
      this.#reader ??= await HistoryReader.open(this.#session, this.filter);
      const wanted = this.#entries.length + PAGE_ENTRIES;
      const mostOps = this.#ops.length + PAGE_OPS;
      while (this.hasOlder && this.#entries.length < wanted && this.#ops.length < mostOps) {
        const ops = await this.#reader.older(OPS_AT_A_TIME);
        this.#ops.push(...ops.filter(isShown).map(summaryOf));
        this.#gather();
      }
    });
  }

  /** Reads what came since. */
  readNewer(): Promise<void> {
    return this.#next(async () => {
      const ops = (await this.#reader?.newer()) ?? [];
      if (ops.length === 0) return;
      this.#ops.unshift(...ops.filter(isShown).map(summaryOf));
      this.#gather();
    });
  }

  #next(read: () => Promise<void>): Promise<void> {
    const reading = this.#reading.then(read);
    // The next one tries again.
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  #gather(): void {
    const gathered = new HistoryEntries();
    for (const op of this.#ops) gathered.addOlder(op);
    this.#entries = gathered.all();
    this.#entryOfOp = new Map(
      this.#entries.flatMap((entry) => entry.ops.map((op) => [op.opSeq, entry] as const)),
    );
  }
}

/** Snapshots are the world's own upkeep: nobody did anything. */
function isShown({ kind }: OpRecord): boolean {
  return kind !== 'checkpoint';
}
