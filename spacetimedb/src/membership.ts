import type { Identity } from 'spacetimedb';
import type { Limits } from '../../src/core/limits.ts';
import {
  canonicalJson,
  CAPABILITIES,
  type Capability,
  type MemberKind,
  type MemberPayload,
  type Role,
  ROLES,
  writePayload,
} from '../../src/core/op-payload.ts';
import { utf8Length } from '../../src/core/path.ts';
import { isScopeGlob } from '../../src/core/path-scope.ts';
import { SIZES } from '../../src/core/sizes.ts';
import { activeMemberOf, hexOf, ownerOf, type Who } from './caller.ts';
import { History } from './history.ts';
import { endClaimsOf } from './locks.ts';
import { noteOrigin } from './member-origins.ts';
import { notePause } from './member-pauses.ts';
import { type Profile, profileFor } from './member-profile.ts';
import { barUntilInvited, endInvitesOf } from './open-invites.ts';
import { forgetConnection } from './presence.ts';
import { opRate } from './rates.ts';
import { demand, Refusal } from './refusal.ts';
import { endTurnsOf } from './turn-table.ts';
import { counted } from './work.ts';
import type { Arguments, Context, Row } from './world.ts';

type Member = Row<'workspace_member'>;

/** Changes what a member may do. */
export function setMember(ctx: Context, args: Arguments<'set_member'>): void {
  const caller = ownerOf(ctx);
  const history = History.open(ctx, caller);
  const member = currentMember(ctx, args.identity);
  const { role, capabilities, pathScope, paused } = args;
  // A scope that 0.1.0 took may be longer than one is now: who has it can be paused all the same.
  const isKept = canonicalJson(pathScope) === canonicalJson(member.pathScope);
  demandRights(role, capabilities, isKept ? [] : pathScope, history.limits);
  const changed = { ...member, role, capabilities, pathScope, paused };
  const facts = paused && !member.paused ? { pauses: true as const } : {};
  writeMember(ctx, history, caller, changed, facts);
  demandOwnerLeft(ctx);
  history.close();
}

/**
 * Ends a membership, and with it the claims and the invites that the member made: nobody comes back
 * by a way they prepared. The row stays, since history needs the names.
 */
export function removeMember(ctx: Context, args: Arguments<'remove_member'>): void {
  const caller = ownerOf(ctx);
  const history = History.open(ctx, caller);
  const member = currentMember(ctx, args.identity);
  const gone = { ...member, removedAt: ctx.timestamp };
  const removedSeq = writeMember(ctx, history, caller, gone);
  demandOwnerLeft(ctx);
  endClaimsOf(ctx.db, args.identity);
  // SpacetimeDB cannot end their connections: then these go on without a place.
  for (const { connectionId } of counted(ctx.db.presence.identity.filter(args.identity))) {
    forgetConnection(ctx.db, connectionId);
  }
  endInvitesOf(ctx, args.identity);
  barUntilInvited(ctx, args.identity, removedSeq);
  history.close();
}

/** A member's own names and colour. */
export function setProfile(ctx: Context, args: Arguments<'set_profile'>): void {
  const caller = activeMemberOf(ctx);
  const history = History.open(ctx, caller);
  opRate.spend(caller.hex, 1, history.limits.opsPerSecond, history.nowMicros);
  const profile = profileFor(ctx, caller.identity, args, history.limits);
  writeMember(ctx, history, caller, { ...caller.member, ...profile });
  history.close();
}

/** Writes a member's row and the op that tells of it and of `facts`; returns the op's number. */
export function writeMember(
  ctx: Context,
  history: History,
  author: Who,
  member: Member,
  facts: Pick<MemberPayload, 'joined' | 'pauses'> = {},
): number {
  const table = ctx.db.workspace_member;
  const known = table.identity.find(member.identity);
  if (known) table.identity.update(member);
  else table.insert(member);
  const payload = { ...payloadOf(member), ...facts };
  const opSeq = history.appendFileless({
    opId: history.nextModuleOpId(),
    kind: 'member',
    author,
    payload: writePayload('member', payload),
  });
  noteOrigin(ctx, opSeq, payload, known?.removedAt !== undefined);
  notePause(ctx, { opSeq, author, madeAt: ctx.timestamp }, payload);
  const ending = { endedAt: ctx.timestamp, changedSeq: opSeq };
  if (payload.removed) endTurnsOf(ctx.db, member.identity, ending);
  return opSeq;
}

/** The rights of an owner; those of nobody go further. */
export const OWNER_RIGHTS = { role: 'owner', capabilities: CAPABILITIES, pathScope: [] } as const;

/** A member as they join. */
export function newMember(
  ctx: Context,
  identity: Identity,
  rights: Pick<Member, 'role' | 'kind'> & {
    readonly capabilities: readonly string[];
    readonly pathScope: readonly string[];
  },
  profile: Profile,
): Member {
  const { role, kind, capabilities, pathScope } = rights;
  const { displayName, gitName, gitEmail, color } = profile;
  return {
    identity,
    kind,
    displayName,
    gitName,
    gitEmail,
    color,
    role,
    capabilities: [...capabilities],
    pathScope: [...pathScope],
    paused: false,
    joinedAt: ctx.timestamp,
    removedAt: undefined,
  };
}

/** Refuses rights that nobody can have. */
export function demandRights(
  role: string,
  capabilities: readonly string[],
  pathScope: readonly string[],
  limits: Limits,
): void {
  demand(ROLES.includes(role as Role), 'bad_request', 'unknown role');
  const areKnown = capabilities.every((name) => CAPABILITIES.includes(name as Capability));
  const areDistinct = new Set(capabilities).size === capabilities.length;
  demand(areKnown && areDistinct, 'bad_request', 'unknown or repeated capability');
  demand(pathScope.length <= limits.scopesPerMember, 'too_many', 'too many globs in the scope');
  const areGlobs = pathScope.every((glob) => glob.length <= MAX_GLOB && isScopeGlob(glob));
  demand(areGlobs, 'bad_request', 'a scope is a list of relative globs');
  const globBytes = pathScope.reduce((sum, glob) => sum + utf8Length(glob), 0);
  demand(globBytes <= SIZES.globs, 'too_large', 'the globs of the scope are too long together');
}

function currentMember(ctx: Context, identity: Identity): Member {
  const member = ctx.db.workspace_member.identity.find(identity);
  const isThere = member !== null && member.removedAt === undefined;
  demand(isThere, 'no_such_member', 'this identity is not a member');
  return member;
}

function payloadOf(member: Member): MemberPayload {
  return {
    identity: hexOf(member.identity),
    kind: member.kind as MemberKind,
    displayName: member.displayName,
    gitName: member.gitName,
    gitEmail: member.gitEmail,
    color: member.color,
    role: member.role as Role,
    capabilities: member.capabilities,
    pathScope: member.pathScope,
    paused: member.paused,
    removed: member.removedAt !== undefined,
  };
}

/** A world without an owner could never be changed again. */
function demandOwnerLeft(ctx: Context): void {
  for (const member of counted(ctx.db.workspace_member.iter())) {
    if (member.role === 'owner' && member.removedAt === undefined && !member.paused) return;
  }
  throw new Refusal('forbidden', 'a world keeps at least one owner');
}

const MAX_GLOB = 512;
