/** Owns: what belongs to one agent in one session of its client, and in which order it ends. */
import type { RandomBytes } from '../world/uuid.ts';
import { newUuid } from '../world/uuid.ts';
import type { WorldSession } from '../world/world-session.ts';
import { AgentSession } from './agent-session.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { AgentTools } from './tools/agent-tools.ts';
import { RecordOnDisk } from './tools/record-on-disk.ts';

export interface AgentSeatOptions {
  /** Of the agent; it is closed with the seat. */
  readonly session: WorldSession;
  /** `AGENT_WORLD_HOME`. */
  readonly home: string;
  readonly randomBytes: RandomBytes;
  /** Absolute folders of this machine that show the world; the first is the agent's own. */
  readonly folders: readonly string[];
}

export interface AgentSeat {
  readonly agent: AgentSession;
  readonly record: RecordOnDisk;
  readonly tools: AgentTools;
  /** Presence ends with it, and claims half a minute later. */
  leave(): void;
}

/** No client tells which of its sessions a call is for: each seat is a session of its own. */
export function takeSeat({ session, home, randomBytes, folders }: AgentSeatOptions): AgentSeat {
  const { clock, database, identity } = session;
  const nowMs = (): number => clock.nowMs();
  const clientSession = newUuid(nowMs(), randomBytes);
  const agent = new AgentSession({ session, randomBytes });
  const record = RecordOnDisk.open({ home, database, identity, clientSession }, nowMs);
  const leases = new LeaseKeeper(session);
  leases.hold();
  return {
    agent,
    record,
    tools: new AgentTools({ agent, record, folders }),
    leave(): void {
      record.flush();
      leases.dispose();
      session.close();
    },
  };
}
