/** Owns: what belongs to one agent in one session of its client, and in which order it ends. */
import { newUuid, type RandomBytes } from '../world/uuid.ts';
import type { WorldSession } from '../world/world-session.ts';
import { AgentSession } from './agent-session.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { AgentTools, type AgentToolsOptions } from './tools/agent-tools.ts';
import { SessionRecord } from './tools/session-record.ts';

export interface AgentSeatOptions {
  /** Of the agent; it is closed with the seat. */
  readonly session: WorldSession;
  /** `AGENT_WORLD_HOME`. */
  readonly home: string;
  readonly randomBytes: RandomBytes;
  /** Absolute folders of this machine that show the world; the first is the agent's own. */
  readonly folders: readonly string[];
  /** Two conversations of one client may be behind it, which nobody can tell apart. */
  readonly isShared: boolean;
  readonly standing?: AgentToolsOptions['standing'];
}

export interface AgentSeat {
  readonly agent: AgentSession;
  readonly record: SessionRecord;
  readonly tools: AgentTools;
  /** Presence ends with it, and claims half a minute later. */
  leave(): void;
}

export function takeSeat(options: AgentSeatOptions): AgentSeat {
  const { session, home, randomBytes, folders, isShared, standing } = options;
  const { clock, database, identity } = session;
  const agent = new AgentSession({ session, randomBytes });
  const leases = new LeaseKeeper(session);
  leases.hold();
  const record = new SessionRecord({
    home,
    database,
    identity,
    // No client tells which of its sessions asks; its hooks do.
    unnamed: newUuid(clock.nowMs(), randomBytes),
    nowMs: () => clock.nowMs(),
  });
  return {
    agent,
    record,
    tools: new AgentTools({ agent, record, folders, isShared, ...(standing && { standing }) }),
    leave(): void {
      record.flush();
      leases.dispose();
      session.close();
    },
  };
}
