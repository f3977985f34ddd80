import { RETURNED_LEVEL, SHORT_EDITS_LEVEL } from '../core/module-level.ts';
import type { Batch, SubmittedOp } from '../core/op.ts';
import { RETURNED_PER_CALL } from '../core/returned-text.ts';
import { shortEditOf } from '../core/short-edit.ts';
import type { ReducerArguments } from './bindings.ts';
import { appliedOutcome, readKnownOutcome } from './known-outcome.ts';
import { mutable, type Outcome } from './world-rows.ts';
import type { DeliveryAnswer, WorldSession } from './world-session.ts';

/**
 * Has a world judge edits, in the shortest form that its module understands. Of a short one that was
 * applied the world tells nothing but the op itself, which who has the file open gets anyway.
 */
export async function judgeBatch(session: WorldSession, batch: Batch): Promise<DeliveryAnswer> {
  const opIds = batch.ops.map(({ opId }) => opId);
  const { link } = session;
  const edit = link && link.moduleLevel >= SHORT_EDITS_LEVEL ? shortEditOf(batch) : undefined;
  if (!link || !edit) {
    const { name, args } = batchCall(batch, link?.moduleLevel ?? 0);
    return session.judge(name, args, opIds);
  }
  const [opId] = opIds as [string];
  let seen: Outcome | undefined;
  const stop = session.view.onOp((row) => {
    if (row.opId === opId) seen = appliedOutcome(row);
  });
  const answer = await session.judge('type_text', edit, opIds);
  stop();
  if (answer.tag !== 'judged' || answer.outcomes.length > 0) return answer;
  const outcome = seen ?? (await readKnownOutcome(link, opId));
  if (outcome === undefined) return { tag: 'unanswered', why: 'disconnected' };
  return { tag: 'judged', outcomes: [outcome] };
}

export type BatchCall =
  | { readonly name: 'apply_file_ops'; readonly args: ReducerArguments<'apply_file_ops'> }
  | { readonly name: 'return_text'; readonly args: ReducerArguments<'return_text'> };

/** The call that has a batch judged by a module of some level. */
export function batchCall(batch: Batch, moduleLevel: number): BatchCall {
  const args = batchArguments(batch);
  const returned = batch.ops.flatMap((op, index) =>
    (op.returned ?? []).map((piece) => ({ op: index, ...piece })),
  );
  if (returned.length === 0 || moduleLevel < RETURNED_LEVEL)
    return { name: 'apply_file_ops', args };
  // Of more than a call may name the long ones are worth the most.
  const named = returned.sort((a, b) => b.length - a.length).slice(0, RETURNED_PER_CALL);
  return { name: 'return_text', args: { ...args, returned: named } };
}

/** A batch as the reducer `apply_file_ops` takes it. */
export function batchArguments({
  batchId,
  extends: extended,
  ops,
}: Batch): ReducerArguments<'apply_file_ops'> {
  return { batch: { batchId, extends: extended, ops: ops.map(submittedArguments) } };
}

function submittedArguments(
  op: SubmittedOp,
): ReducerArguments<'apply_file_ops'>['batch']['ops'][number] {
  const { returned: _apart, ...sent } = op;
  return {
    ...sent,
    overlaps: [...op.overlaps],
    rangeHashes: [...op.rangeHashes],
    changes: mutable(op.changes),
  };
}
