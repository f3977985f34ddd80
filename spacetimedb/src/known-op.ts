import { sameBytes } from '../../src/core/hash.ts';
import { readPayload } from '../../src/core/op-payload.ts';
import { Refusal } from './refusal.ts';
import type { Context, Row } from './world.ts';

/**
 * Answers a call that was made before: tells its outcome again and returns true. False for an op
 * id never seen; refuses with `op_id_reused` when it belongs to something else.
 */
export function answerAgain(ctx: Context, opId: string, payloadHash: () => Uint8Array): boolean {
  const row = ctx.db.file_op.opId.find(opId);
  if (!row) return false;
  demandSame(ctx, row, payloadHash());
  tellAgain(ctx, row);
  return true;
}

/** Refuses unless the row is what this caller sent under its id. */
export function demandSame(ctx: Context, row: Row<'file_op'>, payloadHash: Uint8Array): void {
  const isSender = row.actor.__identity__ === ctx.sender.__identity__;
  if (!isSender || !sameBytes(row.payloadHash, payloadHash)) {
    throw new Refusal('op_id_reused', 'another op has this id');
  }
}

/** The original outcome; what was applied is told as `duplicate`. */
export function tellAgain(ctx: Context, row: Row<'file_op'>): void {
  const { opId, opSeq, version } = row;
  const conflict = row.kind === 'conflict' ? readPayload('conflict', row.payload) : undefined;
  ctx.db.op_outcome.insert({
    opId,
    actor: ctx.sender,
    outcome: conflict?.outcome ?? 'duplicate',
    opSeq,
    version,
    ticketId: conflict?.ticket ?? 0,
  });
}
