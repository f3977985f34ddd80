import { Identity } from 'spacetimedb';
import type { Role } from '../core/op-payload.ts';
import type { IdentityHex } from '../core/op.ts';
import { demandDone } from './demand-done.ts';
import { rightsOf } from './rights.ts';
import type { Member } from './world-rows.ts';
import type { WorldSession } from './world-session.ts';

/** What an owner decides about a member. */
export interface MemberStanding {
  readonly role: Role;
  readonly capabilities: readonly string[];
  /** Globs; empty for all paths. */
  readonly pathScope: readonly string[];
  readonly paused: boolean;
}

/**
 * Gives a member another role, scope or pause, and leaves alone what is not named. Another role comes
 * with its usual rights. Throws `WorldError`: only an owner may.
 */
export async function changeMember(
  session: WorldSession,
  member: Member,
  change: Partial<Omit<MemberStanding, 'capabilities'>>,
): Promise<MemberStanding> {
  const { role = member.role, pathScope = member.pathScope, paused = member.paused } = change;
  const capabilities = role === member.role ? member.capabilities : rightsOf(role);
  const standing = { role, capabilities: [...capabilities], pathScope: [...pathScope], paused };
  const identity = new Identity(member.identity);
  demandDone(await session.call('set_member', { identity, ...standing }));
  return standing;
}

/** Ends a membership for good; what they wrote stays. Throws `WorldError`: only an owner may. */
export async function removeMember(session: WorldSession, member: IdentityHex): Promise<void> {
  demandDone(await session.call('remove_member', { identity: new Identity(member) }));
}
