import { admitRepeat, demandSame, tellAgain, tellNothing } from './known-op.ts';
import type { SentStep } from './plan-steps.ts';
import { spend } from './work.ts';
import type { Context } from './world.ts';
import { WORK_UNITS } from '../../src/core/work.ts';

/**
 * Answers a call of several steps that was made before: what became of each is told again, and of a ticket
 * what was told of all. Any step that the world knows tells that it was: those that changed nothing it may have
 * forgotten, and says nothing of them. Refuses with `op_id_reused` where another call has one of the ids.
 */
export function answerStepsAgain(
  ctx: Context,
  steps: readonly Pick<SentStep, 'opId'>[],
  payloadHash: Uint8Array,
  bytes: number,
): boolean {
  const { file_op, settled_call } = ctx.db;
  spend(2 * steps.length * WORK_UNITS.row);
  const known = steps.map(({ opId }) => {
    const row = file_op.opId.find(opId) ?? undefined;
    return { row, settled: row ? undefined : (settled_call.opId.find(opId) ?? undefined) };
  });
  if (known.every(({ row, settled }) => !row && !settled)) return false;
  admitRepeat(ctx, steps.length, bytes);
  for (const { row, settled } of known) {
    const found = row ?? settled;
    if (found) demandSame(ctx, found, payloadHash);
  }
  const ticket = known[0]?.row?.kind === 'conflict' ? known[0].row : undefined;
  if (ticket) {
    tellAgain(ctx, ticket);
    return true;
  }
  for (const { row, settled } of known) {
    if (row) tellAgain(ctx, row);
    else if (settled) tellNothing(ctx, settled);
  }
  return true;
}
