/**
 * Owns: which stretches of the history fit in one answer: the pages that the world has cut it into.
 * Does not know: what is in them.
 */
import { OP_PAGE } from '../core/answer-size.ts';
import { tableOf, type Row, type TableName } from './bindings.ts';
import type { Link } from './link.ts';
import { readRows } from './read-rows.ts';

/** Ops from `first` to `last`, both included. */
export interface OpStretch {
  readonly first: number;
  readonly last: number;
}

/** The tables that cut the history into answers. */
export const PAGE_TABLES: readonly TableName[] = ['paged_log', 'op_page', 'op_weight'];

/** Since when a world's module has pages. */
const PAGES_SINCE_LEVEL = 2;

/** How far the history is cut. */
export interface PagedLog {
  readonly pages: number;
  /** The last op of a closed page. */
  readonly pagedSeq: number;
  readonly headSeq: number;
  /** What follows the closed pages fits in one answer too. */
  readonly isCut: boolean;
  /** A history of 0.1.0 is cut bit by bit after its world got this module. */
  readonly isBeingCut: boolean;
}

/** How far a world is cut into pages at this moment; undefined for one whose module has none. */
export async function readPagedLog(link: Link): Promise<PagedLog | undefined> {
  if (link.moduleLevel < PAGES_SINCE_LEVEL) return undefined;
  let found: PagedLog | undefined;
  const queries = ['SELECT * FROM log_head', 'SELECT * FROM paged_log'];
  const subscription = await link.subscribe(queries, () => {
    const [head] = tableOf(link.connection, 'log_head').iter();
    const [paged] = tableOf(link.connection, 'paged_log').iter();
    const headSeq = head?.opSeq ?? 0;
    const { pages = 0, pagedSeq = 0 } = paged ?? {};
    const isCut = headSeq - pagedSeq <= OP_PAGE.ops;
    found = { pages, pagedSeq, headSeq, isCut, isBeingCut: paged !== undefined && !isCut };
  });
  subscription.end();
  return found;
}

/**
 * Cuts the ops after one number up to another into stretches that each fit in an answer, in order. What
 * the world has not cut yet, or has cut into pages that do not fit together, is left: the stretches end
 * before it.
 */
export async function* stretchesBetween(
  link: Link,
  log: PagedLog,
  afterSeq: number,
  upToSeq: number,
): AsyncGenerator<OpStretch> {
  const within = ({ first, last }: OpStretch): OpStretch => {
    return { first: Math.max(first, afterSeq + 1), last: Math.min(last, upToSeq) };
  };
  const pagedEnd = Math.min(upToSeq, log.pagedSeq);
  if (afterSeq < pagedEnd) {
    let pageId = await pageOf(link, log, afterSeq + 1);
    for (let last = afterSeq; last < pagedEnd; pageId += PAGES_AT_A_TIME) {
      const before = last;
      for (const page of await readPages(link, range(pageId, PAGES_AT_A_TIME))) {
        if (last >= pagedEnd) break;
        const isNext = last === afterSeq ? page.first <= last + 1 : page.first === last + 1;
        if (!isNext || page.last <= last || page.last - page.first >= OP_PAGE.ops) return;
        yield within(page);
        ({ last } = page);
      }
      if (last === before) return;
    }
  }
  if (log.isCut && upToSeq > log.pagedSeq && log.headSeq > log.pagedSeq) {
    yield within({ first: log.pagedSeq + 1, last: log.headSeq });
  }
}

/** The closed page that has an op. Every page has at least one op and at most `OP_PAGE.ops`. */
async function pageOf(link: Link, { pages }: PagedLog, opSeq: number): Promise<number> {
  let low = Math.ceil(opSeq / OP_PAGE.ops);
  let high = Math.min(pages, opSeq);
  while (low < high) {
    const step = Math.ceil((high - low + 1) / SEARCHED_AT_A_TIME);
    const asked = range(0, SEARCHED_AT_A_TIME)
      .map((index) => low + index * step)
      .filter((pageId) => pageId <= high);
    const found = await readPages(link, asked);
    const at = found.findLastIndex(({ first }) => first <= opSeq);
    if (at < 0) return low;
    low = asked[at]!;
    if (opSeq <= found[at]!.last) return low;
    high = (asked[at + 1] ?? high + 1) - 1;
    low += 1;
  }
  return low;
}

async function readPages(link: Link, pageIds: readonly number[]): Promise<OpStretch[]> {
  const wanted = new Set(pageIds);
  const rows = await readRows(link, {
    table: 'op_page',
    conditions: pageIds.map((pageId) => `page_id = ${pageId}`),
    isWanted: (row: Row<'op_page'>) => wanted.has(row.pageId),
  });
  return rows
    .sort((a, b) => a.pageId - b.pageId)
    .map(({ firstSeq, count }) => ({ first: firstSeq, last: firstSeq + count - 1 }));
}

function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

const PAGES_AT_A_TIME = 64;
const SEARCHED_AT_A_TIME = 32;
