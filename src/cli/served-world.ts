/**
 * Owns: what an agent's server needs of the world. It is loaded once a client was answered: a client waits for the
 * first answer, and the first answer needs none of it.
 */
import { agentIdentityName, enterAsAgent } from '../agents/agent-identity.ts';
import { takeSeat } from '../agents/agent-seat.ts';
import { hasOtherServers } from '../agents/hooks/hook-address.ts';
import { HookDesk, type HookDeskOptions } from '../agents/hooks/hook-desk.ts';
import { HookServer } from '../agents/hooks/hook-server.ts';
import { HookWords } from '../agents/hooks/hook-words.ts';
import { isRun } from '../agents/run-lock.ts';
import { FolderAsker } from '../mirror/folder-asker.ts';
import { WorldError } from '../world/world-error.ts';
import type { KnownWorld } from '../world/world-list.ts';
import type { Context } from './command.ts';
import { UsageError } from './exit-code.ts';
import { KeptMirror, stateOf } from '../mirror/kept-mirror.ts';
import { findWorld } from './known-world.ts';

/** Whom a server enters for, and in which folder. */
export interface ServedPlace {
  readonly named: string | undefined;
  readonly name: string;
  readonly folder: string | undefined;
  /** Somebody else's, in which it works. */
  readonly here: string | undefined;
  readonly isShared: boolean;
  readonly keepsPrompts: boolean;
}

/** Enters the world as the agent, and answers the hooks of its client. Rejects with `WorldError`. */
export async function enterServed(
  { machine }: Context,
  { named, name, folder, here, isShared, keepsPrompts }: ServedPlace,
  signal: AbortSignal,
) {
  const world = await findWorld(machine, named).catch((error: unknown) => {
    const why = error instanceof UsageError ? error.message : undefined;
    throw why === undefined ? error : new WorldError('no_such_world', why, { cause: error });
  });
  const session = await enterAsAgent(machine, world, name, signal);
  const { home, clock, randomBytes } = machine;
  const { database } = session;
  const mirror = folder ? new KeptMirror({ home, clock, folder, name, database }) : undefined;
  const place = folder ?? here;
  const seat = takeSeat({
    session,
    home,
    randomBytes,
    folders: place === undefined ? [] : [place],
    isShared,
    standing: () => mirror?.standing ?? [],
  });
  const words = here === undefined ? undefined : await wordsIn(machine, world, name, here);
  const desk = { ...seat, words, randomBytes, keepsPrompts };
  const hooks = place && (await hooksOf(machine, { ...desk, folder: place }, database));
  return {
    tools: seat.tools,
    async leave(): Promise<void> {
      if (hooks) await hooks.end();
      mirror?.dispose();
      seat.leave();
    },
  };
}

/** By which it says what its client's tools write in somebody else's folder. */
async function wordsIn(
  machine: Context['machine'],
  world: Pick<KnownWorld, 'server' | 'database'>,
  agentName: string,
  here: string,
): Promise<HookWords | undefined> {
  const { home, clock, identities } = machine;
  const server = machine.serverFor(world.server).label;
  const speaker = { server, name: agentIdentityName(agentName) };
  const self = await identities.read(speaker.server, speaker.name);
  if (!self) return undefined;
  const state = await stateOf(home, { folder: here, name: agentName, database: world.database });
  return new HookWords({ state, speaker, token: self.token, nowMs: () => clock.nowMs() });
}

/** Hooks of the agent's client are answered until `end`. */
async function hooksOf(
  { home, log }: Context['machine'],
  options: Omit<HookDeskOptions, 'port' | 'hasOthers' | 'isRun'>,
  database: string,
): Promise<{ readonly end: () => Promise<void> }> {
  const { folder } = options;
  const port = new FolderAsker({ home, folder, database, output: log });
  const hasOthers = (): boolean => hasOtherServers(home, folder);
  const desk = new HookDesk({ ...options, port, hasOthers, isRun: () => isRun(home, folder) });
  let server: HookServer | undefined;
  try {
    server = await HookServer.listen({ home, folder, desk, log });
  } catch (error) {
    // Nothing can listen: the agent works without hooks then.
    log.warn(`Hooks are not answered: ${error instanceof Error ? error.message : String(error)}`);
  }
  return {
    async end() {
      server?.close();
      await desk.dispose();
      port.dispose();
    },
  };
}
