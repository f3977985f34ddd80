import { type MemberKind, MEMBER_KINDS } from '../../src/core/op-payload.ts';
import { identityOf, ownerOf, writerOf } from './caller.ts';
import { hashText } from './hash.ts';
import { toHex } from '../../src/core/hash.ts';
import { History } from './history.ts';
import { demandProfile, demandRights, newMember, writeMember } from './membership.ts';
import { opRate } from './rates.ts';
import { demand, Refusal } from './refusal.ts';
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
  demandNoMoreThanOwn(caller.member, args);
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
  ctx.db.invite.insert({
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

/** Ends an invite. An owner may end any, others their own. */
export function revokeInvite(ctx: Context, args: Arguments<'revoke_invite'>): void {
  const caller = writerOf(ctx, 'invite');
  const invite = ctx.db.invite.secretHash.find(args.secretHash);
  if (!invite) throw new Refusal('no_such_invite', 'there is no such invite');
  const isOwn = invite.createdBy.__identity__ === caller.identity.__identity__;
  if (!isOwn) ownerOf(ctx);
  ctx.db.invite.secretHash.delete(args.secretHash);
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
  const invite = ctx.db.invite.secretHash.find(toHex(hashText(request.invite)));
  const isOpen =
    invite !== null &&
    invite.usesLeft > 0 &&
    invite.expiresAt.microsSinceUnixEpoch > ctx.timestamp.microsSinceUnixEpoch;
  if (!isOpen) throw new Refusal('no_such_invite', 'the invite is not known, used up or expired');
  const identity = identityOf(ctx, request.identity);
  const known = ctx.db.workspace_member.identity.find(identity);
  if (known && known.removedAt === undefined) return known;
  const who = { identity, hex: request.identity };
  const history = History.open(ctx, who);
  demandProfile(request, history.limits);
  const members = ctx.db.workspace_member.count();
  demand(members < BigInt(history.limits.members), 'too_many', 'the world has too many members');
  const member = newMember(ctx, identity, invite, request);
  writeMember(ctx, history, who, member);
  history.close();
  if (invite.usesLeft === 1) ctx.db.invite.secretHash.delete(invite.secretHash);
  else ctx.db.invite.secretHash.update({ ...invite, usesLeft: invite.usesLeft - 1 });
  return member;
}

/** Drops invites whose time is over. */
export function expireInvites(ctx: Context): void {
  const now = ctx.timestamp.microsSinceUnixEpoch;
  for (const invite of ctx.db.invite.iter()) {
    const isOver = invite.expiresAt.microsSinceUnixEpoch <= now;
    if (isOver) ctx.db.invite.secretHash.delete(invite.secretHash);
  }
}

/** Who is no owner can pass on what they have, and nothing else. */
function demandNoMoreThanOwn(
  member: Row<'workspace_member'>,
  asked: Pick<Arguments<'create_invite'>, 'role' | 'capabilities' | 'pathScope'>,
): void {
  if (member.role === 'owner') return;
  const isWithin =
    asked.role !== 'owner' &&
    asked.capabilities.every((name) => member.capabilities.includes(name)) &&
    (member.pathScope.length === 0 ||
      (asked.pathScope.length > 0 &&
        asked.pathScope.every((glob) => member.pathScope.includes(glob))));
  demand(isWithin, 'forbidden', 'an invite cannot give more than its maker has');
}
