import { admitRepeat, answerAgain, tellAgain, tellNothing } from './known-op.ts';
import type { SentStep } from './plan-steps.ts';
import { Refusal } from './refusal.ts';
import { spend } from './work.ts';
import type { Context } from './world.ts';
import { WORK_UNITS } from '../../src/core/work.ts';

/**
 * Answers a call of several steps that was made before: what became of each is told again, and of a ticket
 * what was told of all. The first step's id tells; refuses with `op_id_reused` where another has one of them.
 */
export function answerStepsAgain(
  ctx: Context,
  steps: readonly SentStep[],
  payloadHash: Uint8Array,
  bytes: number,
): boolean {
  const { file_op, settled_call } = ctx.db;
  const [first, ...others] = steps;
  if (!answerAgain(ctx, first!.opId, () => payloadHash, bytes)) {
    const isKnown = ({ opId }: SentStep) => file_op.opId.find(opId) || settled_call.opId.find(opId);
    spend(2 * others.length * WORK_UNITS.row);
    if (others.some(isKnown)) throw new Refusal('op_id_reused', 'another op has this id');
    return false;
  }
  if (file_op.opId.find(first!.opId)?.kind === 'conflict') return true;
  admitRepeat(ctx, others.length, 0);
  for (const { opId, fileId } of others) {
    spend(2 * WORK_UNITS.row);
    const row = file_op.opId.find(opId);
    const settled = settled_call.opId.find(opId);
    if (row) tellAgain(ctx, row);
    // The world may have forgotten by now that a step of this call changed nothing.
    else tellNothing(ctx, settled ?? { opId, opSeq: 0, version: versionOf(ctx, fileId) });
  }
  return true;
}

function versionOf(ctx: Context, fileId: number): number {
  return ctx.db.file_head.fileId.find(fileId)?.version ?? 0;
}
