import type { Changes } from './change.ts';
import { utf8Length } from './path.ts';
import { SIZES } from './sizes.ts';

/**
 * The most that one answer to a query may hold, and what follows from that for how the history is
 * kept. A single row that is larger comes alone.
 */
export const ANSWER_BYTES = SIZES.answer;

/** A page of the history is what fits in an answer, with room for what is around the rows. */
export const OP_PAGE = { ops: 1024, bytes: ANSWER_BYTES - 1024 } as const;

/** What an answer has around each row: the table's name and the row's place, once a query. */
export const ROW_FRAME_BYTES = 40;

/** An op that is larger is listed by its file, so that a reader of the file knows it before it asks. */
export const LARGE_OP_BYTES = 4096;

/** So many numbers of ops share a shelf of the list: all entries of one fit in an answer. */
export const OPS_PER_SHELF = 65_536;

/** What tells an op's size. */
export interface SizedOp {
  readonly opId: string;
  readonly batchId: string;
  readonly kind: string;
  readonly intent: string;
  readonly changes: Changes;
  readonly payload: string;
  readonly overlaps: readonly number[];
  readonly overwrote: readonly number[];
  readonly payloadHash: Uint8Array;
  readonly beforeHash: Uint8Array;
  readonly afterHash: Uint8Array;
  readonly chainHash: Uint8Array;
}

/** The bytes of an op's row as both engines encode it (BSATN). */
export function opRowBytes(op: SizedOp): number {
  let bytes = FIXED_BYTES + op.opId.length + op.batchId.length + op.kind.length + op.intent.length;
  for (const { text } of op.changes) bytes += CHANGE_BYTES + utf8Length(text);
  bytes += utf8Length(op.payload);
  bytes += NUMBER_BYTES * (op.overlaps.length + op.overwrote.length);
  bytes += op.payloadHash.length + op.beforeHash.length;
  return bytes + op.afterHash.length + op.chainHash.length;
}

/**
 * True for an op that is listed: of a file any but a small one that made a version, of those without a
 * file the notes.
 */
export function isListedOp(op: { readonly kind: string; readonly fileId: number }, bytes: number) {
  if (op.fileId === 0) return op.kind === 'note';
  return bytes > LARGE_OP_BYTES || (op.kind !== 'edit' && op.kind !== 'create');
}

export function shelfOf(opSeq: number): number {
  return Math.floor(opSeq / OPS_PER_SHELF);
}

const NUMBER_BYTES = 4;
const CHANGE_BYTES = 5 * NUMBER_BYTES;
/** Eight numbers, two identities, the time, and the lengths of twelve columns. */
const FIXED_BYTES = 8 * NUMBER_BYTES + 2 * 32 + 8 + 12 * NUMBER_BYTES;
