import { type MemberOrigin, originAfter } from '../../src/core/member-origin.ts';
import type { MemberPayload } from '../../src/core/op-payload.ts';
import { hexOf, identityOf } from './caller.ts';
import type { Context } from './world.ts';

/** Keeps what an op about a member tells of how they came. Called for new ops and for replayed ones. */
export function noteOrigin(
  ctx: Context,
  opSeq: number,
  payload: MemberPayload,
  wasRemoved: boolean,
): void {
  const { identity: byIdentity } = ctx.db.member_origin;
  const identity = identityOf(ctx, payload.identity);
  const row = byIdentity.find(identity);
  const before: MemberOrigin | undefined = row
    ? { ...row, invitedBy: hexOf(row.invitedBy) }
    : undefined;
  const after = originAfter(before, wasRemoved, opSeq, payload);
  if (after === before) return;
  if (row) byIdentity.delete(identity);
  if (!after) return;
  const invitedBy = identityOf(ctx, after.invitedBy);
  ctx.db.member_origin.insert({ ...after, identity, invitedBy });
}
