import type { Server, Surroundings } from '../world/open-folder.ts';
import type { WorldSession } from '../world/world-session.ts';
import { AgentSession } from './agent-session.ts';
import { runFormatter } from './formatter-agent.ts';
import { runIndexer } from './index-agent.ts';
import { joinAgent, type AgentProfile } from './join-agent.ts';
import { findFormatter } from './prettier-source.ts';
import { runTourWriter } from './tour-writer.ts';

export interface ProjectAgentsOptions {
  readonly surroundings: Surroundings;
  /** A member who may invite. */
  readonly owner: WorldSession;
  readonly server: Server;
  /** The project's folder on disk: its Prettier and that one's configuration are used. */
  readonly folder: string;
  /** Where else a Prettier may be found. */
  readonly installations: readonly string[];
  /** Format the files as they are, too, not only what changes from now on. */
  readonly tidies?: boolean;
  /** A third one writes into the example's first file. */
  readonly isTour?: boolean;
  readonly signal: AbortSignal;
  /** Says what the agents do, and what keeps one from working. */
  readonly onNote: (note: string) => void;
}

const FORMATTER: AgentProfile = { name: 'formatter', displayName: 'Formatter', color: '#3ba776' };
const INDEXER: AgentProfile = { name: 'indexer', displayName: 'Indexer', color: '#c678dd' };
const WRITER: AgentProfile = { name: 'writer', displayName: 'Writer', color: '#4a90d9' };

/**
 * Runs the two agents that come with Agent World in a project until the signal aborts: one formats
 * what others change, one keeps the README's contents and file index true; and the one of a tour. Rejects with
 * `WorldError` when the world is refused or closed.
 */
export async function runProjectAgents(options: ProjectAgentsOptions): Promise<void> {
  const { surroundings, owner, server, folder, installations, signal, onNote } = options;
  const beginsWithAll = options.tidies ?? false;
  const { randomBytes } = surroundings;
  const sessions: WorldSession[] = [];
  const join = async (profile: AgentProfile): Promise<AgentSession> => {
    const session = await joinAgent(surroundings, owner, server, profile, signal);
    sessions.push(session);
    return new AgentSession({ session, randomBytes, signal });
  };
  try {
    const work: Promise<void>[] = [];
    // First, since it is what a newcomer looks at.
    if (options.isTour === true) work.push(runTourWriter({ agent: await join(WRITER), signal }));
    const formatter = await findFormatter(folder, installations);
    if (formatter) {
      onNote(
        `${FORMATTER.displayName} works with Prettier ${formatter.version} (${formatter.from})`,
      );
      work.push(runFormatter({ agent: await join(FORMATTER), formatter, beginsWithAll, signal }));
    } else {
      onNote(`${FORMATTER.displayName} stays away: the project has no Prettier installed`);
    }
    const agent = await join(INDEXER);
    onNote(`${INDEXER.displayName} keeps the README's contents and file index true`);
    work.push(runIndexer({ agent, signal }));
    await Promise.all(work);
  } finally {
    for (const session of sessions) session.close();
  }
}
