import { OP_PAGE, opRowBytes } from '../core/answer-size.ts';
import type { IdentityHex, OpRecord } from '../core/op.ts';
import type { Row } from './bindings.ts';
import type { Link } from './link.ts';
import { LinkFailure } from './link-failure.ts';
import { type OpStretch, readPagedLog, stretchesBetween } from './log-pages.ts';
import { inTurn, readRows } from './read-rows.ts';
import { opRecordOf } from './world-rows.ts';
import type { WorldSession } from './world-session.ts';

/** Reads some ops by their numbers, in order. Rejects with `LinkFailure` when the connection ends. */
export async function readOps(link: Link, opSeqs: readonly number[]): Promise<readonly OpRecord[]> {
  const wanted = [...new Set(opSeqs)].sort((a, b) => a - b);
  const found: OpRecord[] = [];
  // Each may be the largest row there is: none shares an answer.
  const read = (opSeq: number): Promise<OpRecord[]> =>
    readStretch(link, { first: opSeq, last: opSeq });
  for await (const ops of inTurn(wanted, read, SINGLE_OPS_UNDER_WAY)) found.push(...ops);
  return found;
}

/** Which ops are read, and how. */
export interface OpsReading {
  /** Only what this one made. */
  readonly author?: IdentityHex | undefined;
  /** No more in an answer. */
  readonly most?: number;
  /** So many answers are under way: a world lets who asks ahead wait behind everybody else. */
  readonly underWay?: number;
}

/**
 * Reads the ops after one number up to another, in order, an answer at a time. Rejects with `LinkFailure`
 * when the connection ends.
 */
export async function* opsBetween(
  session: WorldSession,
  afterSeq: number,
  upToSeq: number,
  { author, most = OP_PAGE.ops, underWay }: OpsReading = {},
): AsyncGenerator<readonly OpRecord[]> {
  if (afterSeq >= upToSeq) return;
  const link = await session.whenOnline();
  if (upToSeq === afterSeq + 1) {
    yield await readStretch(link, { first: upToSeq, last: upToSeq }, author);
    return;
  }
  const log = await readPagedLog(link);
  let cutEnd = afterSeq;
  if (log) {
    const stretches = pieces(stretchesBetween(link, log, afterSeq, upToSeq), most);
    const read = (stretch: OpStretch): Promise<OpRecord[]> => {
      cutEnd = stretch.last;
      return readStretch(link, stretch, author);
    };
    yield* inTurn(stretches, read, underWay);
  }
  if (cutEnd < upToSeq) yield* opsNotCut(session, cutEnd, upToSeq, author);
}

/**
 * The same where the world has no pages, as those of 0.1.0: as many at a time as fit when they are like
 * those before. What turns out to be too much for a connection is asked for again in smaller pieces.
 */
async function* opsNotCut(
  session: WorldSession,
  afterSeq: number,
  upToSeq: number,
  author: IdentityHex | undefined,
): AsyncGenerator<readonly OpRecord[]> {
  let count = FIRST_COUNT;
  for (let after = afterSeq; after < upToSeq;) {
    const link = await session.whenOnline();
    const last = Math.min(after + count, upToSeq);
    try {
      const ops = await readStretch(link, { first: after + 1, last }, author);
      yield ops;
      after = last;
      count = nextCount(count, ops);
    } catch (error) {
      if (!(error instanceof LinkFailure) || count === 1) throw error;
      count = 1;
    }
  }
}

async function* pieces(
  stretches: AsyncIterable<OpStretch>,
  most: number,
): AsyncGenerator<OpStretch> {
  for await (const { first, last } of stretches) {
    for (let at = first; at <= last; at += most)
      yield { first: at, last: Math.min(at + most - 1, last) };
  }
}

/** How many to ask for after an answer of so many, of unknown sizes. */
export function nextCount(count: number, ops: readonly OpRecord[]): number {
  const largest = ops.reduce((bytes, op) => Math.max(bytes, opRowBytes(op)), 1);
  const fitting = Math.floor(OP_PAGE.bytes / 2 / largest);
  return Math.max(1, Math.min(count * COUNT_GROWTH, fitting, MOST_UNSIZED));
}

async function readStretch(
  link: Link,
  { first, last }: OpStretch,
  author?: IdentityHex,
): Promise<OpRecord[]> {
  const byAuthor = author === undefined ? '' : ` AND author = 0x${author}`;
  const rows = await readRows(link, {
    table: 'file_op',
    conditions: Array.from(
      { length: last - first + 1 },
      (_, index) => `op_seq = ${first + index}${byAuthor}`,
    ),
    isWanted: ({ opSeq }: Row<'file_op'>) => opSeq >= first && opSeq <= last,
  });
  const ops = rows.map(opRecordOf).sort((a, b) => a.opSeq - b.opSeq);
  // The connection's tables hold what other subscriptions brought, too.
  return author === undefined ? ops : ops.filter((op) => op.author === author);
}

/** Of ops of unknown sizes so many are asked for at first, and never more than the last. */
export const FIRST_COUNT = 8;
const COUNT_GROWTH = 4;
const MOST_UNSIZED = 256;
const SINGLE_OPS_UNDER_WAY = 12;
