import { toHex } from '../../src/core/hash.ts';
import { type MemberKind, MEMBER_KINDS } from '../../src/core/op-payload.ts';
import { givesNoMore } from '../../src/core/rights.ts';
import { WITH_FORMER } from '../../src/core/sizes.ts';
import { type Caller, can, hexOf, identityOf, ownerOf, writerOf } from './caller.ts';
import { hashText } from './hash.ts';
import { History } from './history.ts';
import { profileFor } from './member-profile.ts';
import { demandRights, newMember, writeMember } from './membership.ts';
import {
  endInvite,
  expireInvites,
  insertInvite,
  inviteIdOf,
  inviteNamed,
  isLaterThanRemoval,
  openInvite,
  spendInvite,
} from './open-invites.ts';
import { opRate } from './rates.ts';
import { demand, Refusal } from './refusal.ts';
import { counted } from './work.ts';
import type { Arguments, Context, Row } from './world.ts';

/** Lets whoever has the secret of this hash join, with these rights and no others. */
export function createInvite(ctx: Context, args: Arguments<'create_invite'>): void {
  const caller = writerOf(ctx, 'invite');
  const { limits, nowMicros } = History.open(ctx, caller);
  opRate.spend(caller.hex, 1, limits.opsPerSecond, nowMicros);
  const { secretHash, role, kind, capabilities, pathScope, expiresAt, uses } = args;
  demand(/^[0-9a-f]{64}$/.test(secretHash), 'bad_request', 'a hash is 64 hexadecimal digits');
  demand(MEMBER_KINDS.includes(kind as MemberKind), 'bad_request', 'unknown kind of member');
  demandRights(role, capabilities, pathScope, limits);
  const isWithin = givesNoMore(caller.member, args);
  demand(isWithin, 'forbidden', 'an invite cannot give more than its maker has');
  demand(uses >= 1 && uses <= limits.members, 'bad_request', 'an invite has at least one use');
  const inMicros = expiresAt.microsSinceUnixEpoch - nowMicros;
  const isTime = inMicros > 0n && inMicros <= BigInt(limits.inviteMs) * 1000n;
  demand(isTime, 'bad_request', 'an invite expires in the future, and not too far in it');
  expireInvites(ctx);
  demand(
    ctx.db.invite.count() < BigInt(limits.openInvites),
    'too_many',
    'too many open invites; revoke some first',
  );
  const isTaken = ctx.db.invite.secretHash.find(secretHash) !== null;
  demand(!isTaken, 'bad_request', 'this invite exists already');
  insertInvite(ctx, {
    secretHash,
    role,
    kind,
    capabilities,
    pathScope,
    expiresAt,
    usesLeft: uses,
    createdBy: caller.identity,
  });
}

/** Ends an invite by its secret's hash. An owner may end any, others their own. */
export function revokeInvite(ctx: Context, args: Arguments<'revoke_invite'>): void {
  const caller = writerOf(ctx, 'invite');
  end(ctx, caller, openInvite(ctx, args.secretHash));
}

/** The same by what the history calls it, for whoever does not know its secret. */
export function endNamedInvite(ctx: Context, args: Arguments<'end_invite'>): void {
  const caller = writerOf(ctx, 'invite');
  const { limits, nowMicros } = History.open(ctx, caller);
  opRate.spend(caller.hex, 1, limits.opsPerSecond, nowMicros);
  end(ctx, caller, inviteNamed(ctx, args.inviteId));
}

function end(ctx: Context, caller: Caller, invite: Row<'invite'> | undefined): void {
  if (!invite) throw new Refusal('no_such_invite', 'there is no such invite');
  const isOwn = invite.createdBy.__identity__ === caller.identity.__identity__;
  if (!isOwn) ownerOf(ctx);
  endInvite(ctx, invite);
}

/** What somebody who joins says of themselves; rights are none of it. */
export interface JoinRequest {
  readonly invite: string;
  readonly identity: string;
  readonly displayName: string;
  readonly gitName: string;
  readonly gitEmail: string;
  readonly color: string;
}

/** Redeems an invite. Who is a member already stays as they are, and the invite keeps its use. */
export function redeemInvite(ctx: Context, request: JoinRequest): Row<'workspace_member'> {
  const isIdentity = /^[0-9a-f]{64}$/.test(request.identity) && !/^0+$/.test(request.identity);
  demand(isIdentity, 'bad_request', 'an identity is 64 hexadecimal digits');
  const invite = openInvite(ctx, toHex(hashText(request.invite)));
  if (!invite) throw new Refusal('no_such_invite', 'the invite is not known, used up or expired');
  const identity = identityOf(ctx, request.identity);
  const known = ctx.db.workspace_member.identity.find(identity);
  if (known && known.removedAt === undefined) return known;
  if (known && !isLaterThanRemoval(ctx, invite, identity)) {
    const why = 'this member was removed after the invite was made; ask for a new one';
    throw new Refusal('invite_outdated', why);
  }
  demandMakersRights(ctx, invite);
  const who = { identity, hex: request.identity };
  const history = History.open(ctx, who);
  const profile = profileFor(ctx, identity, request, history.limits);
  demandMemberRoom(ctx, history, known !== null);
  const member = newMember(ctx, identity, invite, profile);
  const joined = { by: hexOf(invite.createdBy), invite: inviteIdOf(invite) };
  writeMember(ctx, history, who, member, { joined });
  history.close();
  spendInvite(ctx, invite);
  return member;
}

/**
 * An invite holds while its maker may give what it gives. It ends for good when they are removed; what
 * only suspends it may be taken back.
 */
function demandMakersRights(ctx: Context, invite: Row<'invite'>): void {
  const maker = ctx.db.workspace_member.identity.find(invite.createdBy);
  const holds =
    maker !== null &&
    maker.removedAt === undefined &&
    !maker.paused &&
    can(maker, 'invite') &&
    givesNoMore(maker, invite);
  const why = 'who made this invite may not give what it gives, at present';
  if (!holds) throw new Refusal('invite_suspended', why);
}

/** Refuses with `too_many` where there are as many members as may be; of those who left some times as many. */
function demandMemberRoom(ctx: Context, history: History, isBack: boolean): void {
  const { members } = history.limits;
  demand(membersThere(ctx) < members, 'too_many', 'the world has too many members');
  const isRoom = isBack || ctx.db.workspace_member.count() < BigInt(members * WITH_FORMER);
  demand(isRoom, 'too_many', 'the world had too many members');
}

/** How many members there are; those who left have rows for their names. */
function membersThere(ctx: Context): number {
  let count = 0;
  for (const { removedAt } of counted(ctx.db.workspace_member.iter())) {
    if (removedAt === undefined) count++;
  }
  return count;
}
