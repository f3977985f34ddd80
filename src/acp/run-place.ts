/**
 * Owns: the world as a run needs it: the agent's seat in it, its folder kept in step, and the turns of its prompts.
 * Does not know: the client, or what is said.
 */
import { realpath, stat } from 'node:fs/promises';
import { enterAsAgent } from '../agents/agent-identity.ts';
import { type AgentSeat, takeSeat } from '../agents/agent-seat.ts';
import type { AddedAgent } from '../agents/clients/added-agents.ts';
import { HookTurns } from '../agents/hooks/hook-turns.ts';
import { sessionName } from '../agents/session-taker.ts';
import { askToPull } from '../mirror/directory-mirror.ts';
import { FolderAsker } from '../mirror/folder-asker.ts';
import { stateOf } from '../mirror/kept-mirror.ts';
import { endTurn, hasTurns, readOpenTurns } from '../world/turns.ts';
import type { Surroundings } from '../world/open-folder.ts';
import type { WorldSession } from '../world/world-session.ts';
import { KeptFolder } from './kept-folder.ts';
import { RunFault } from './run-fault.ts';

/** This machine, as a run sees it. */
export interface RunMachine extends Surroundings {
  /** `AGENT_WORLD_HOME`. */
  readonly home: string;
  /** The folder that holds `dist`. */
  readonly installation: string;
  readonly version: string;
}

export interface RunPlace {
  readonly session: WorldSession;
  readonly seat: AgentSeat;
  readonly port: FolderAsker;
  readonly turns: RunTurns;
  /** The folder, behind all links. */
  readonly folder: string;
  leave(): Promise<void>;
}

/** Turns of one session of the client. */
export interface RunTurns {
  begin(session: string, prompt: string): Promise<void>;
  end(session: string): Promise<void>;
  /** Ends what a run that was cut off has left open. */
  endLeft(session: string): Promise<void>;
}

/** Rejects with `RunFault` or `WorldError`. */
export async function enterPlace(
  machine: RunMachine,
  agent: AddedAgent,
  clientName: string,
  signal: AbortSignal,
): Promise<RunPlace> {
  const { home, randomBytes, log } = machine;
  const { name, database } = agent;
  const folder = await realFolder(agent.folder);
  const known = (await machine.worlds.all()).find((world) => world.database === database);
  if (!known) {
    const why = `${agent.worldName} is not known on this machine any more.`;
    throw new RunFault('world_unreachable', why, 'Set the agent up again.');
  }
  const session = await enterAsAgent(machine, known, name, signal);
  const seat = takeSeat({ session, home, randomBytes, folders: [folder], isShared: false });
  const kept = new KeptFolder(machine, { ...agent, folder });
  const port = new FolderAsker({ home, folder, database, output: log });
  const turns = new HookTurns({
    session,
    randomBytes,
    keepsPrompts: agent.entry.args.includes('--prompts'),
    // What an earlier run left open is known by its session, and ended by that.
    hasOthers: () => true,
    isRun: () => false,
    changed: () => port.turnsChanged(),
  });
  const leave = async (): Promise<void> => {
    await turns.dispose();
    port.dispose();
    kept.dispose();
    seat.leave();
  };
  try {
    if ((await kept.whenKept(KEPT_MS, signal)) !== 'kept') throw notKept(folder);
    await askToPull(await stateOf(home, { folder, name, database }), PULL_MS);
  } catch (error) {
    await leave();
    throw error;
  }
  return {
    session,
    seat,
    port,
    folder,
    turns: {
      begin: (name, prompt) => turns.begin({ session: name, client: clientName, turn: '', prompt }),
      end: (name) => turns.end(name),
      endLeft: (name) => endLeft(machine, session, name),
    },
    leave,
  };
}

async function endLeft(
  { randomBytes, log }: RunMachine,
  session: WorldSession,
  clientSession: string,
): Promise<void> {
  const name = sessionName(clientSession);
  try {
    if (!hasTurns(session)) return;
    const open = await readOpenTurns(session, session.identity);
    if (open.some((turn) => turn.session === name)) await endTurn(session, name, randomBytes);
  } catch (error) {
    // It ends with the next one of that session, or stays open: nobody's work depends on it.
    log.warn('run.turn_left_open', { error: error instanceof Error ? error.name : 'unknown' });
  }
}

async function realFolder(folder: string): Promise<string> {
  try {
    const real = await realpath(folder);
    if ((await stat(real)).isDirectory()) return real;
  } catch {
    // It is said below.
  }
  const next = 'Take the agent out and set it up again, or put the folder back.';
  throw new RunFault('folder_gone', `The folder ${folder} is not there any more.`, next);
}

function notKept(folder: string): RunFault {
  const why = `The folder ${folder} cannot be kept in step with the world.`;
  return new RunFault('folder_not_kept', why, 'Look at the log of Agent World, and try again.');
}

const KEPT_MS = 30_000;
/** Of a large world; the client can begin before all is there. */
const PULL_MS = 20_000;
