import type { Identity } from 'spacetimedb';
import { CACHE_BYTES } from '../../src/core/cache-sizes.ts';
import type { IdentityHex } from '../../src/core/op.ts';
import type { Capability } from '../../src/core/op-payload.ts';
import { isInScope } from '../../src/core/path-scope.ts';
import { UNATTRIBUTED } from '../../src/core/unattributed.ts';
import { bytesOfString, CountedCache } from './counted-cache.ts';
import { demand, Refusal } from './refusal.ts';
import type { Context, Row } from './world.ts';

/** An identity in both of its spellings. */
export interface Who {
  readonly identity: Identity;
  readonly hex: IdentityHex;
}

/** Who calls a reducer: a member of the world who is not paused or removed. */
export interface Caller extends Who {
  readonly member: Row<'workspace_member'>;
}

/** The sender as a member who may read. Refuses strangers and removed members. */
export function memberOf(ctx: Context): Caller {
  const member = ctx.db.workspace_member.identity.find(ctx.sender);
  if (!member) throw new Refusal('not_a_member', 'this identity is not a member of the world');
  demand(member.removedAt === undefined, 'not_a_member', 'this member was removed');
  return { identity: ctx.sender, hex: hexOf(ctx.sender), member };
}

/** The sender as a member whom nobody has paused. */
export function activeMemberOf(ctx: Context): Caller {
  const caller = memberOf(ctx);
  demandNotPaused(ctx, caller.member);
  return caller;
}

/** The sender as a member who may write in the way that `capability` names. */
export function writerOf(ctx: Context, capability: Capability): Caller {
  const caller = activeMemberOf(ctx);
  demand(can(caller.member, capability), 'forbidden', `this needs the right to ${capability}`);
  return caller;
}

/** The sender as an owner. */
export function ownerOf(ctx: Context): Caller {
  const caller = activeMemberOf(ctx);
  demand(caller.member.role === 'owner', 'forbidden', 'only an owner may do this');
  return caller;
}

/** Refuses while an owner has paused the member; `details` say who did and when, where the history tells. */
export function demandNotPaused(
  ctx: Context,
  { identity, paused }: Pick<Row<'workspace_member'>, 'identity' | 'paused'>,
): void {
  if (!paused) return;
  const row = ctx.db.member_pause.identity.find(identity);
  const sinceMs = row && Number(row.pausedAt.microsSinceUnixEpoch / 1000n);
  const details = row ? { member: hexOf(identity), by: hexOf(row.pausedBy), sinceMs } : undefined;
  throw new Refusal('paused', 'this member is paused', details);
}

export function can(
  { role, capabilities }: Pick<Row<'workspace_member'>, 'role' | 'capabilities'>,
  capability: Capability,
): boolean {
  return role === 'owner' || (role === 'editor' && capabilities.includes(capability));
}

/** Refuses unless the path lies in the caller's scope. */
export function demandScope(caller: Caller, path: string): void {
  const scope = caller.member.pathScope;
  if (scope.length === 0) return;
  demand(isInScope(path, scope), 'out_of_scope', 'this path is outside the member’s scope');
}

/**
 * Whose work it is: the caller's own unless they may attribute it to another member, or to an agent that came by
 * their own invite. A person may say that nobody is known to have done it; what an agent writes is its own, unless
 * it may attribute work.
 */
export function authorOf(ctx: Context, caller: Caller, author: IdentityHex): Who {
  if (author === '' || author === caller.hex) return caller;
  demand(/^[0-9a-f]{64}$/.test(author), 'bad_request', 'an author is 64 hexadecimal digits');
  const identity = identityOf(ctx, author);
  if (author === UNATTRIBUTED.identity) {
    const may = caller.member.kind !== 'agent' || can(caller.member, 'attribute');
    demand(may, 'forbidden', 'what an agent writes is its own work');
    return { identity, hex: author };
  }
  const member = ctx.db.workspace_member.identity.find(identity);
  const isOwnAgent = member?.kind === 'agent' && cameBy(ctx, identity, caller);
  // What a paused agent writes in somebody else's folder is not taken either.
  if (member?.kind === 'agent' && member.removedAt === undefined) demandNotPaused(ctx, member);
  const may = isOwnAgent || can(caller.member, 'attribute');
  demand(may, 'forbidden', 'this needs the right to attribute');
  demand(member !== null, 'no_such_member', 'the author is not known in this world');
  return { identity, hex: author };
}

/** Whether somebody came by the caller's invite, who is a person. */
function cameBy(ctx: Context, identity: Identity, { member, hex }: Caller): boolean {
  if (member.kind === 'agent') return false;
  const origin = ctx.db.member_origin.identity.find(identity);
  return origin !== null && hexOf(origin.invitedBy) === hex;
}

/** The identity with these 64 hex digits. */
export function identityOf(ctx: Context, hex: IdentityHex): Identity {
  // The class is not exported to modules, and the client's package is another copy of it.
  const IdentityClass = ctx.sender.constructor as new (value: bigint) => Identity;
  return new IdentityClass(BigInt(`0x${hex}`));
}

/** 64 hex digits; few identities write many ops, so their spelling is kept. */
export function hexOf(identity: Identity): IdentityHex {
  const value = identity.__identity__;
  const known = spellings.get(value);
  if (known !== undefined) return known;
  const hex = value.toString(16).padStart(64, '0');
  spellings.put(value, hex);
  return hex;
}

const IDENTITY_BYTES = 48;
const spellings = new CountedCache<bigint, IdentityHex>(
  CACHE_BYTES.identities,
  (_, hex) => bytesOfString(hex) + IDENTITY_BYTES,
);
