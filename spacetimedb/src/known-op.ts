import { sameBytes } from '../../src/core/hash.ts';
import { readPayload } from '../../src/core/op-payload.ts';
import { memberOf } from './caller.ts';
import { History } from './history.ts';
import { repeatRate, repeatedBytesRate } from './rates.ts';
import { Refusal, RepeatRefusal } from './refusal.ts';
import type { Context, Row } from './world.ts';

/**
 * Answers a call that was made before, whether it changed something or not: tells its outcome again
 * and returns true. False for an op id that is not known; refuses with `op_id_reused` when it belongs
 * to something else. `bytes` is what must be read to compare the two.
 */
export function answerAgain(
  ctx: Context,
  opId: string,
  payloadHash: () => Uint8Array,
  bytes = 0,
): boolean {
  const row = ctx.db.file_op.opId.find(opId);
  if (row) {
    admitRepeat(ctx, 1, bytes);
    demandSame(ctx, row, payloadHash());
    tellAgain(ctx, row);
    return true;
  }
  const settled = ctx.db.settled_call.opId.find(opId);
  if (!settled) return false;
  admitRepeat(ctx, 1, bytes);
  demandSame(ctx, settled, payloadHash());
  tellNothing(ctx, settled);
  return true;
}

/**
 * Refuses who is no member any more, and who repeats too much. A repeat has a rate of its own: who was
 * slowed down once must still learn what became of the calls before.
 */
export function admitRepeat(ctx: Context, ops: number, bytes: number): void {
  try {
    const caller = memberOf(ctx);
    const { limits, nowMicros } = History.open(ctx, caller);
    repeatRate.spend(caller.hex, ops, limits.opsPerSecond, nowMicros);
    repeatedBytesRate.spend(caller.hex, bytes, limits.bytesPerSecond, nowMicros);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new RepeatRefusal(error.code, error.message);
  }
}

/** Refuses unless the row is what this caller sent under its id. */
export function demandSame(
  ctx: Context,
  row: Pick<Row<'file_op'>, 'actor' | 'payloadHash'>,
  payloadHash: Uint8Array,
): void {
  const isSender = row.actor.__identity__ === ctx.sender.__identity__;
  if (!isSender || !sameBytes(row.payloadHash, payloadHash)) {
    throw new Refusal('op_id_reused', 'another op has this id');
  }
}

/** The original outcome; what was applied is told as `duplicate`. */
export function tellAgain(ctx: Context, row: Row<'file_op'>): void {
  const { opId, opSeq, version, kind, payload } = row;
  const conflict = kind === 'conflict' ? readPayload('conflict', payload) : undefined;
  const decided = kind === 'resolve' ? readPayload('resolve', payload) : undefined;
  ctx.db.op_outcome.insert({
    opId,
    actor: ctx.sender,
    outcome: conflict?.outcome ?? 'duplicate',
    opSeq,
    version,
    ticketId: (conflict ?? decided)?.ticket ?? 0,
  });
}

export function tellNothing(
  ctx: Context,
  { opId, opSeq, version }: Pick<Row<'settled_call'>, 'opId' | 'opSeq' | 'version'>,
): void {
  const told = { opId, actor: ctx.sender, outcome: 'duplicate', opSeq, version, ticketId: 0 };
  ctx.db.op_outcome.insert(told);
}
