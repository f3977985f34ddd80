import { Range } from 'spacetimedb/server';
import { contentOf } from '../../src/core/op-payload.ts';
import type { Intent, OpKind, OpRecord } from '../../src/core/op.ts';
import { sameBytes } from '../../src/core/hash.ts';
import { LineBuffer } from '../../src/core/line-buffer.ts';
import { CHAIN_START } from '../../src/core/chain.ts';
import { byteUnits, WORK_UNITS } from '../../src/core/work.ts';
import { hexOf, memberOf } from './caller.ts';
import { loadText } from './content-store.ts';
import { snapshotBefore } from './file-texts.ts';
import { chainHasher, contentHasher } from './hash.ts';
import { History } from './history.ts';
import { byteRate, opRate } from './rates.ts';
import { Refusal } from './refusal.ts';
import { spend } from './work.ts';
import type { Arguments, Context, Database, Row } from './world.ts';

type Finding = Pick<Row<'audit_event'>, 'outcome' | 'opSeq'>;

/**
 * Folds a file from the snapshot at or before a version up to its head, compares every hash on the
 * way, and reports what it found in `audit_event`. It changes nothing.
 */
export function rebuildFileFromSnapshot(
  ctx: Context,
  args: Arguments<'rebuild_file_from_snapshot'>,
): void {
  const caller = memberOf(ctx);
  const { limits, nowMicros } = History.open(ctx, caller);
  const head = ctx.db.file_head.fileId.find(args.fileId);
  if (!head) throw new Refusal('no_such_file', `there is no file ${args.fileId}`);
  // It reads as many ops as anybody may write in a while.
  const opsRead = Math.max(1, head.version - args.version);
  opRate.spend(caller.hex, opsRead, limits.opsPerSecond, nowMicros);
  // And its text twice, which a viewer may have done as well.
  byteRate.spend(caller.hex, head.byteLength, limits.bytesPerSecond, nowMicros);
  spend(byteUnits(2 * head.byteLength));
  const finding = audit(ctx.db, head, args.version, limits.opsPerAudit);
  const { fileId } = head;
  ctx.db.audit_event.insert({
    requestedBy: caller.identity,
    fileId,
    version: head.version,
    ...finding,
  });
}

function audit(db: Database, head: Row<'file_head'>, version: number, maxOps: number): Finding {
  const snapshot = snapshotBefore(db, head.fileId, version);
  if (!snapshot || snapshot.kind !== 'text') return { outcome: 'missing', opSeq: 0 };
  const ops = opsAfter(db, head.fileId, snapshot, maxOps);
  if (!ops) return { outcome: 'too_long', opSeq: 0 };
  const buffer = LineBuffer.of(loadText(db, snapshot.parts));
  let contentHash = contentHasher.text(buffer.toText());
  if (!sameBytes(contentHash, snapshot.contentHash)) {
    return { outcome: 'content_hash', opSeq: snapshot.opSeq };
  }
  for (const op of ops) {
    if (!sameBytes(op.beforeHash, contentHash)) return { outcome: 'before_hash', opSeq: op.opSeq };
    if (!isChained(db, op)) return { outcome: 'chain', opSeq: op.opSeq };
    if (contentOf(op) !== undefined) return { outcome: 'missing', opSeq: op.opSeq };
    buffer.apply(op.changes);
    contentHash = op.afterHash;
  }
  const isRight = sameBytes(contentHasher.text(buffer.toText()), head.contentHash);
  if (!isRight || !sameBytes(contentHash, head.contentHash)) {
    return { outcome: 'content_hash', opSeq: ops.at(-1)?.opSeq ?? snapshot.opSeq };
  }
  return { outcome: 'verified', opSeq: 0 };
}

/** Ops of a file after a snapshot, in order; undefined when there are more than `maxOps`. */
function opsAfter(
  db: Database,
  fileId: number,
  snapshot: Row<'file_snapshot'>,
  maxOps: number,
): Row<'file_op'>[] | undefined {
  const range = new Range<number>({ tag: 'included', value: snapshot.version });
  const rows: Row<'file_op'>[] = [];
  for (const row of db.file_op.byFileVersion.filter([fileId, range])) {
    if (row.opSeq <= snapshot.opSeq) continue;
    if (rows.length >= maxOps) return undefined;
    spend(WORK_UNITS.row + WORK_UNITS.op / 2 + 2 * row.changes.length);
    rows.push(row);
  }
  return rows.sort((a, b) => a.opSeq - b.opSeq);
}

function isChained(db: Database, row: Row<'file_op'>): boolean {
  const previous = row.opSeq === 1 ? CHAIN_START : db.file_op.opSeq.find(row.opSeq - 1)?.chainHash;
  return (
    previous !== undefined && sameBytes(chainHasher.link(previous, recordOf(row)), row.chainHash)
  );
}

function recordOf(row: Row<'file_op'>): Omit<OpRecord, 'chainHash'> {
  return {
    ...row,
    kind: row.kind as OpKind,
    intent: row.intent as Intent,
    actor: hexOf(row.actor),
    author: hexOf(row.author),
    madeAtMicros: row.madeAt.microsSinceUnixEpoch,
  };
}
