/** Owns: which identity of this machine is an agent's, and how that agent enters a world. */
import { createHash } from 'node:crypto';
import { connect, openAsPerson, type Surroundings } from '../world/open-folder.ts';
import type { KnownWorld } from '../world/world-list.ts';
import { WorldError } from '../world/world-error.ts';
import type { WorldSession } from '../world/world-session.ts';
import { AGENT_RIGHTS, type AgentRights, joinAgent } from './join-agent.ts';

/** Under which an agent's identity is kept on this machine: the same for its mirror, server and hooks. */
export function agentIdentityName(displayName: string): string {
  return `as-${createHash('sha256').update(displayName).digest('hex').slice(0, 32)}`;
}

/**
 * Connects an agent to a world. The first time the person of this machine lets it in, who must have the
 * right to invite: it gets `rights` then. Rejects with `WorldError`.
 */
export async function enterAsAgent(
  surroundings: Surroundings,
  world: Pick<KnownWorld, 'server' | 'database'>,
  displayName: string,
  signal?: AbortSignal,
  rights: AgentRights = AGENT_RIGHTS,
): Promise<WorldSession> {
  const server = surroundings.serverFor(world.server);
  const name = agentIdentityName(displayName);
  const known = await surroundings.identities.read(server.label, name);
  if (known) {
    try {
      return await connect(surroundings, server, world.database, known, signal);
    } catch (error) {
      if (!(error instanceof WorldError && error.code === 'not_a_member')) throw error;
    }
  }
  const owner = await openAsPerson(surroundings, world, signal);
  try {
    const profile = { name, displayName, color: '', rights };
    return await joinAgent(surroundings, owner, server, profile, signal);
  } finally {
    // The person whose machine it is has done their part.
    owner.close();
  }
}
