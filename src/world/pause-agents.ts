/** Pausing all agents of a world, and letting all of them go on: an owner's emergency stop. */
import type { IdentityHex } from '../core/op.ts';
import { changeMember } from './change-member.ts';
import { inLanes } from './in-lanes.ts';
import { memberName } from './member-name.ts';
import { WorldError } from './world-error.ts';
import type { Member } from './world-rows.ts';
import type { WorldSession } from './world-session.ts';

export interface PausedAgents {
  /** Names of those of whom it is so now by this call. */
  readonly changed: readonly string[];
  /** Those of whom it could not be done, and why, in the world's words. */
  readonly failed: readonly { readonly name: string; readonly why: string }[];
}

/** A world answers one owner's calls in turn; more at once would only wait there. */
const CALLS_AT_ONCE = 8;

/** The agents that can be paused, or that are paused: those who are here first. */
export function agentsToPause(
  { view, identity }: Pick<WorldSession, 'view' | 'identity'>,
  paused: boolean,
): readonly Member[] {
  const here = new Set<IdentityHex>();
  for (const presence of view.presence.values()) here.add(presence.identity);
  return [...view.members.values()]
    .filter((member) => member.kind === 'agent' && !member.removed && member.paused !== paused)
    .filter((member) => member.identity !== identity)
    .sort((a, b) => Number(here.has(b.identity)) - Number(here.has(a.identity)));
}

/** One call for each agent, so one that fails keeps no other from being paused. Never rejects for a refusal. */
export async function pauseAgents(session: WorldSession, paused: boolean): Promise<PausedAgents> {
  const changed: string[] = [];
  const failed: { name: string; why: string }[] = [];
  await inLanes(agentsToPause(session, paused), CALLS_AT_ONCE, async ({ identity }) => {
    const name = memberName(session.view, identity);
    // Its role or scope may be another by now.
    const member = session.view.members.get(identity);
    if (!member || member.removed) return;
    try {
      await changeMember(session, member, { paused });
      changed.push(name);
    } catch (error) {
      if (!(error instanceof WorldError)) throw error;
      failed.push({ name, why: error.message });
    }
  });
  return { changed, failed };
}
