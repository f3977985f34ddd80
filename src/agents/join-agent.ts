import type { Capability, Role } from '../core/op-payload.ts';
import { ensureIdentity, type StoredIdentity } from '../world/identities.ts';
import { createInvite } from '../world/invite.ts';
import { joinWorld } from '../world/join.ts';
import { connect, type Server, type Surroundings } from '../world/open-folder.ts';
import type { WorldSession } from '../world/world-session.ts';

/** An agent that a member brings along. */
export interface AgentProfile {
  /** Under which its identity is kept: letters, digits, `-` and `_`. */
  readonly name: string;
  readonly displayName: string;
  /** As a CSS colour; empty lets the world choose. */
  readonly color: string;
  /** People type; agents work. Simulated people are for demonstrations. */
  readonly kind?: 'agent' | 'human';
  /** With which it joins; it keeps what it has where it is a member already. */
  readonly rights?: AgentRights;
}

/** What whoever brings an agent along lets it do. */
export interface AgentRights {
  readonly role: Role;
  readonly capabilities: readonly Capability[];
  /** Globs; empty for all paths. */
  readonly pathScope: readonly string[];
}

/** It edits and claims; decisions about conflicts are for whom a person asked to make them. */
export const AGENT_RIGHTS: AgentRights = {
  role: 'editor',
  capabilities: ['edit', 'lock'],
  pathScope: [],
};

const INVITE_MS = 10 * 60_000;

/**
 * Lets an agent into the world of `owner`, who may invite, and connects it as a member of its own.
 * Rejects with `WorldError`.
 */
export async function joinAgent(
  surroundings: Surroundings,
  owner: WorldSession,
  server: Server,
  profile: AgentProfile,
  signal?: AbortSignal,
): Promise<WorldSession> {
  const self = await admitAgent(surroundings, owner, server, profile, signal);
  return connect(surroundings, server, owner.database, self, signal);
}

/** Makes an agent a member, if it is none yet, without connecting it. Rejects with `WorldError`. */
export async function admitAgent(
  surroundings: Surroundings,
  owner: WorldSession,
  server: Server,
  profile: AgentProfile,
  signal?: AbortSignal,
): Promise<StoredIdentity> {
  const { identities, clock, randomBytes } = surroundings;
  const { name, displayName, color, kind = 'agent', rights = AGENT_RIGHTS } = profile;
  const { database } = owner;
  const uri = await server.uri(signal);
  const self = await ensureIdentity(identities, server.label, name, uri);
  const member = owner.view.members.get(self.identity);
  if (!member || member.removed) {
    const invite = await createInvite(
      owner,
      server.label,
      {
        kind,
        ...rights,
        uses: 1,
        expiresAtMs: clock.nowMs() + INVITE_MS,
      },
      randomBytes,
    );
    await joinWorld({
      uri,
      database,
      secret: invite.secret,
      self,
      profile: { displayName, gitName: displayName, gitEmail: '', color },
    });
  }
  return self;
}
