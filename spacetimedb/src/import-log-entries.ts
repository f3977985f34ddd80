import { errors } from 'spacetimedb/server';
import { BatchEnds } from '../../src/core/batch-ends.ts';
import { ByteReader } from '../../src/core/byte-reader.ts';
import { sameBytes, toHex } from '../../src/core/hash.ts';
import { OpDecoder, type UnchainedOp } from '../../src/core/op-codec.ts';
import type { OpRecord } from '../../src/core/op.ts';
import { Text } from '../../src/core/text.ts';
import { isWorldText } from '../../src/core/validate-changes.ts';
import { byteUnits, WORK_UNITS } from '../../src/core/work.ts';
import { identityOf } from './caller.ts';
import { chainHasher, contentHasher } from './hash.ts';
import { LOG_HEAD_ID, NO_OPS } from './history.ts';
import { timestampAt } from './locks.ts';
import { OpPages } from './op-pages.ts';
import { Refusal } from './refusal.ts';
import { Usage } from './usage.ts';
import { spend } from './work.ts';
import type { Arguments, Context, Database, Row } from './world.ts';

/** The refusal of a log whose op with this number does not fit. */
export function badLog(opSeq: number, why: string): Refusal {
  return new Refusal('bad_log', `op ${opSeq} does not fit: ${why}`, { opSeq });
}

/** Stores a part of content. Refuses with `bad_log` one that is not what its key says. */
export function storePart(db: Database, part: Arguments<'import_log'>['parts'][number]): void {
  const { hash, text, bytes } = part;
  const isRight =
    text === undefined
      ? bytes !== undefined && toHex(contentHasher.binary(bytes)) === hash
      : bytes === undefined && isTextPart(hash, text);
  if (!isRight) throw new Refusal('bad_log', `part ${hash} is not what its key says`);
  db.content_chunk.insert(part);
}

function isTextPart(key: string, text: string): boolean {
  const [group, ...more] = Text.of(text).groups;
  const isGroup = group !== undefined && more.length === 0;
  return isGroup && isWorldText(text) && toHex(contentHasher.group(group)) === key;
}

/**
 * Writes the ops that come next in the history, and moves its head. Returns them by their batches;
 * those that are there already are passed over. Refuses with `bad_log`.
 */
export function takeOps(ctx: Context, logged: Arguments<'import_log'>['ops']): OpRecord[][] {
  const { db } = ctx;
  let { opSeq, chainHash } = db.log_head.id.find(LOG_HEAD_ID) ?? NO_OPS;
  const usage = Usage.after(db, { opSeq, chainHash });
  const pages = OpPages.after(db, { opSeq, chainHash });
  const batches: OpRecord[][] = [];
  const ends = new BatchEnds();
  for (const { bytes, chainHash: linked } of logged) {
    spend(WORK_UNITS.op + byteUnits(bytes.length));
    const op = decoded(bytes, opSeq + 1);
    if (op.opSeq <= opSeq) {
      const known = db.file_op.opSeq.find(op.opSeq);
      if (known && sameBytes(known.chainHash, linked)) continue;
      throw badLog(op.opSeq, 'another op has its place');
    }
    if (op.opSeq !== opSeq + 1) throw badLog(opSeq + 1, 'it is missing');
    if (!sameBytes(chainHasher.linkEncoded(chainHash, bytes), linked)) {
      throw badLog(op.opSeq, 'it is not linked to the op before');
    }
    const record = { ...op, chainHash: linked };
    insertOp(ctx, record);
    countOp(usage, record, identityOf(ctx, op.actor));
    pages.add(record);
    if (ends.beginsWith(record)) batches.push([record]);
    else batches.at(-1)!.push(record);
    ({ opSeq, chainHash } = record);
  }
  db.log_head.id.update({ id: LOG_HEAD_ID, opSeq, chainHash });
  usage.keep({ opSeq, chainHash });
  pages.keep({ opSeq, chainHash });
  return batches;
}

function decoded(bytes: Uint8Array, expectedSeq: number): UnchainedOp {
  const reader = new ByteReader(bytes);
  try {
    const op = decoder.read(reader);
    if (reader.remaining === 0 && isIdentity(op.actor) && isIdentity(op.author)) return op;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw badLog(expectedSeq, 'its bytes are not those of an op');
}

function isIdentity(hex: string): boolean {
  return hex.length === 64;
}

/** What the op says is looked at here for the first time. */
function countOp(usage: Usage, op: OpRecord, identity: Row<'file_op'>['actor']): void {
  try {
    usage.add(op, { identity, hex: op.actor });
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    throw badLog(op.opSeq, 'its payload cannot be read');
  }
}

function insertOp(ctx: Context, op: OpRecord): void {
  const { madeAtMicros, ...columns } = op;
  const row = {
    ...columns,
    actor: identityOf(ctx, op.actor),
    author: identityOf(ctx, op.author),
    madeAt: timestampAt(ctx, madeAtMicros),
  };
  try {
    ctx.db.file_op.insert(row as unknown as Row<'file_op'>);
  } catch (error) {
    if (!(error instanceof errors.UniqueAlreadyExists)) throw error;
    throw badLog(op.opSeq, 'another op has its id');
  }
}

const decoder = new OpDecoder();
