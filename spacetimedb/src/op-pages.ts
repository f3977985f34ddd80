import {
  isListedOp,
  OP_PAGE,
  opRowBytes,
  ROW_FRAME_BYTES,
  shelfOf,
  type SizedOp,
} from '../../src/core/answer-size.ts';
import { sameBytes } from '../../src/core/hash.ts';
import { byteUnits, WORK_UNITS } from '../../src/core/work.ts';
import { canAfford, spendFolding } from './work.ts';
import type { Database, Row } from './world.ts';

/** An op as it is counted. */
export interface PagedOp extends SizedOp {
  readonly opSeq: number;
  readonly fileId: number;
  readonly version: number;
}

/** The page that is open after some op: what it has so far. */
interface OpenPage {
  readonly count: number;
  readonly bytes: number;
  readonly pages: number;
  readonly pagedSeq: number;
}

/** The open page after the newest op, while this instance lives: else it is counted again. */
let kept: { readonly head: Place; readonly page: OpenPage } | undefined;

type Place = Pick<Row<'log_head'>, 'opSeq' | 'chainHash'>;

/**
 * Cuts the history into pages that fit in an answer, as it grows: a page is closed by the first op
 * that has no room in it, so the pages are a function of the ops.
 */
export class OpPages {
  readonly #db: Database;
  #page: OpenPage;
  /** A history without pages, as 0.1.0 wrote it, is cut by maintenance; ops that come go on top. */
  readonly #isBehind: boolean;

  private constructor(db: Database, page: OpenPage, isBehind: boolean) {
    this.#db = db;
    this.#page = page;
    this.#isBehind = isBehind;
  }

  /** Goes on after the head of the history. */
  static after(db: Database, head: Place): OpPages {
    if (kept?.head.opSeq === head.opSeq && sameBytes(kept.head.chainHash, head.chainHash)) {
      return new OpPages(db, kept.page, false);
    }
    const start = startOf(db);
    if (head.opSeq - start.pagedSeq > OP_PAGE.ops) return new OpPages(db, start, true);
    const pages = new OpPages(db, start, false);
    // Their pages and weights may be there already: the same row again is none.
    for (let opSeq = start.pagedSeq + 1; opSeq <= head.opSeq; opSeq++) {
      spendFolding(WORK_UNITS.row);
      pages.add(db.file_op.opSeq.find(opSeq)!);
    }
    return pages;
  }

  /** Counts an op that follows. */
  add(op: PagedOp): void {
    if (this.#isBehind) return;
    const rowBytes = opRowBytes(op);
    const bytes = rowBytes + ROW_FRAME_BYTES;
    const { count } = this.#page;
    const isFull = count === OP_PAGE.ops || this.#page.bytes + bytes > OP_PAGE.bytes;
    if (count > 0 && isFull) this.#close();
    const page = this.#page;
    this.#page = { ...page, count: page.count + 1, bytes: page.bytes + bytes };
    if (isListedOp(op, rowBytes)) this.#list(op, rowBytes);
  }

  /** Remembers the open page for the next call; once the head is written. */
  keep(head: Place): void {
    kept = this.#isBehind ? undefined : { head, page: this.#page };
  }

  #close(): void {
    const { pages, pagedSeq, count, bytes } = this.#page;
    const pageId = pages + 1;
    this.#db.op_page.insert({ pageId, firstSeq: pagedSeq + 1, count, bytes });
    this.#page = { pages: pageId, pagedSeq: pagedSeq + count, count: 0, bytes: 0 };
    this.#db.paged_log.id.update({ id: THE_LOG, pages: pageId, pagedSeq: pagedSeq + count });
  }

  #list({ opSeq, fileId, version }: PagedOp, bytes: number): void {
    this.#db.op_weight.insert({ opSeq, fileId, shelf: shelfOf(opSeq), version, bytes });
  }

  /** Counts ops that are there already, as many as one call may; a page at least. */
  #countSome(headSeq: number): number {
    const first = this.#page;
    let opSeq = first.pagedSeq;
    while (opSeq < headSeq) {
      const op = this.#db.file_op.opSeq.find(++opSeq)!;
      this.add(op);
      const units = WORK_UNITS.row + byteUnits(opRowBytes(op)) / READ_PER_HASHED;
      const isMuch = !canAfford(units) || opSeq - first.pagedSeq >= MOST_CAUGHT_UP;
      const { pages, pagedSeq } = this.#page;
      // What is left when it is no more than a page counts as cut: nobody goes on with it.
      const isLong = headSeq - pagedSeq > OP_PAGE.ops;
      if (isMuch && isLong && pages > first.pages) break;
    }
    return opSeq;
  }

  /** Cuts some of a history that is not cut to its end, or counts its open page. */
  static catchUp(db: Database, head: Place): void {
    if (kept?.head.opSeq === head.opSeq && sameBytes(kept.head.chainHash, head.chainHash)) return;
    const pages = new OpPages(db, startOf(db), false);
    if (pages.#countSome(head.opSeq) === head.opSeq) pages.keep(head);
  }
}

/** Where the pages end that are closed. */
function startOf(db: Database): OpenPage {
  const known = db.paged_log.id.find(THE_LOG);
  if (!known) db.paged_log.insert({ id: THE_LOG, pages: 0, pagedSeq: 0 });
  return { pages: known?.pages ?? 0, pagedSeq: known?.pagedSeq ?? 0, count: 0, bytes: 0 };
}

/** Forgets all pages, when a history begins anew. */
export function clearPages(db: Database): void {
  for (const { pageId } of db.op_page.iter()) db.op_page.pageId.delete(pageId);
  for (const { opSeq } of db.op_weight.iter()) db.op_weight.opSeq.delete(opSeq);
  db.paged_log.id.delete(THE_LOG);
}

const THE_LOG = 1;
/** What one run of the maintenance counts of a history of 0.1.0: some tens of milliseconds. */
const MOST_CAUGHT_UP = 4096;
/** To read bytes takes a small part of the time that it takes to hash them. */
const READ_PER_HASHED = 16;
