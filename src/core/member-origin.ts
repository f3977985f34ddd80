import type { IdentityHex } from './op.ts';
import type { MemberPayload } from './op-payload.ts';

/** By whose invite somebody came, the last time they did. */
export interface MemberOrigin {
  readonly invitedBy: IdentityHex;
  /** Names the invite without letting anybody in. */
  readonly inviteId: string;
  /** The number of the op that says so. */
  readonly joinedSeq: number;
}

/**
 * What the history tells of a member's origin after one more op about them. Undefined for whoever
 * made the world, and for those whose op was written before ops said it.
 */
export function originAfter(
  before: MemberOrigin | undefined,
  wasRemoved: boolean,
  opSeq: number,
  { joined, removed }: Pick<MemberPayload, 'joined' | 'removed'>,
): MemberOrigin | undefined {
  if (joined) return { invitedBy: joined.by, inviteId: joined.invite, joinedSeq: opSeq };
  const isBack = wasRemoved && !removed;
  return isBack ? undefined : before;
}
