import { writePayload } from '../../src/core/op-payload.ts';
import { VERSIONS_BEFORE_WORK } from '../../src/core/review.ts';
import type { Text } from '../../src/core/text.ts';
import { demandScope, type Who, writerOf } from './caller.ts';
import { storeText } from './content-store.ts';
import { headText } from './file-texts.ts';
import { History, NO_HASH, NO_TEXT } from './history.ts';
import { opRate } from './rates.ts';
import { Refusal } from './refusal.ts';
import type { Arguments, Context, Row } from './world.ts';

/** Writes a snapshot at a file's head, unless there is one. */
export function checkpointFile(ctx: Context, args: Arguments<'checkpoint_file'>): void {
  const caller = writerOf(ctx, 'edit');
  const head = ctx.db.file_head.fileId.find(args.fileId);
  if (!head) throw new Refusal('no_such_file', `there is no file ${args.fileId}`);
  demandScope(caller, head.path);
  if (head.snapshotVersion === head.version || head.kind !== 'text') return;
  const history = History.open(ctx, caller);
  opRate.spend(caller.hex, 1, history.limits.opsPerSecond, history.nowMicros);
  ctx.db.file_head.fileId.update(
    writeCheckpoint(ctx, history, caller, head, headText(ctx.db, head)),
  );
  history.close();
}

/** Appends a checkpoint op with its snapshot; returns the head row to be written. */
export function writeCheckpoint(
  ctx: Context,
  history: History,
  author: Who,
  head: Row<'file_head'>,
  text: Text,
): Row<'file_head'> {
  const parts = storeText(ctx.db, text);
  const opId = history.nextModuleOpId();
  const opSeq = history.append({
    ...NO_TEXT,
    opId,
    batchId: opId,
    fileId: head.fileId,
    version: head.version,
    kind: 'checkpoint',
    author,
    payload: writePayload('checkpoint', { kind: 'text', parts }),
    payloadHash: NO_HASH,
    beforeHash: head.contentHash,
    afterHash: head.contentHash,
  });
  insertSnapshot(ctx, opSeq, head, parts);
  ctx.db.snapshot_due.fileId.delete(head.fileId);
  return { ...head, snapshotVersion: head.version };
}

/** Writes the snapshot that belongs to an op. */
export function insertSnapshot(
  ctx: Context,
  opSeq: number,
  head: { fileId: number; version: number; contentHash: Uint8Array; kind: string },
  parts: readonly string[],
): void {
  ctx.db.file_snapshot.insert({
    snapshotId: opSeq,
    fileId: head.fileId,
    version: head.version,
    opSeq,
    contentHash: head.contentHash,
    kind: head.kind,
    parts: [...parts],
  });
}

/**
 * Sees to it that a file is not too far past its snapshot: maintenance is told in time, and where
 * it does not come the snapshot is written here. Returns the head row to be written.
 */
export function noteGrowth(
  ctx: Context,
  history: History,
  author: Who,
  head: Row<'file_head'>,
  text: Text,
): Row<'file_head'> {
  const past = head.version - head.snapshotVersion;
  const { versionsPerSnapshot } = history.limits;
  if (past < versionsPerSnapshot) return head;
  if (past >= FORCED_AFTER * versionsPerSnapshot) {
    return writeCheckpoint(ctx, history, author, head, text);
  }
  ctx.db.snapshot_due.insert({ fileId: head.fileId });
  return head;
}

const FORCED_AFTER = 4;

/**
 * Whoever looks at an agent's work compares it with the text before: where a file has nothing to look at yet, and its
 * snapshot is not near, it gets one before the agent's op. So looking costs what the agent did, and not what the file
 * went through before. Returns the head row as it is then.
 */
export function snapshotBeforeWork(
  ctx: Context,
  history: History,
  author: Who,
  head: Row<'file_head'>,
): Row<'file_head'> {
  const isNear = head.version - head.snapshotVersion < VERSIONS_BEFORE_WORK;
  if (isNear || head.kind !== 'text' || ctx.db.unreviewed_file.fileId.find(head.fileId))
    return head;
  const after = writeCheckpoint(ctx, history, author, head, headText(ctx.db, head));
  ctx.db.file_head.fileId.update(after);
  return after;
}
