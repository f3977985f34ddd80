import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { agentIdentityName, enterAsAgent } from '../agents/agent-identity.ts';
import { takeSeat } from '../agents/agent-seat.ts';
import { hasOtherServers } from '../agents/hooks/hook-address.ts';
import { HookDesk, type HookDeskOptions } from '../agents/hooks/hook-desk.ts';
import { HookServer } from '../agents/hooks/hook-server.ts';
import { HookWords } from '../agents/hooks/hook-words.ts';
import { AgentDoor } from '../mcp/agent-door.ts';
import { agentServer } from '../mcp/agent-server.ts';
import { StdioEnd } from '../mcp/stdio-end.ts';
import { FolderAsker } from '../mirror/folder-asker.ts';
import { WorldError } from '../world/world-error.ts';
import type { KnownWorld } from '../world/world-list.ts';
import type { Command, Context } from './command.ts';
import { EXIT, type ExitCode, UsageError } from './exit-code.ts';
import { KeptMirror, stateOf } from './kept-mirror.ts';
import { findWorld } from './known-world.ts';
import type { ServedAgent } from './served-agent.ts';

export const mcpCommand: Command = {
  name: 'mcp',
  usage: '--as NAME [--world WORLD] [--folder DIR | --here DIR | --http [--port N]]',
  summary: 'tools for an agent, over the Model Context Protocol',
  explanation: `
Serves an agent's client over standard input and output: the client starts this command itself. The
agent is a member of its own, with its name, its place and its history. It ends with its input.

With --http it serves clients of this machine over HTTP, at an address and with a token that it names,
until it is interrupted. The address stays the same as long as its port is free.

See docs/agents.md for how each client is told of it.`,
  options: [
    { name: 'as', value: 'NAME', meaning: 'the agent’s name; it joins the first time' },
    { name: 'world', value: 'WORLD', meaning: 'a world’s name, or a folder in it' },
    { name: 'folder', value: 'DIR', meaning: 'the agent’s own folder, kept in step meanwhile' },
    { name: 'here', value: 'DIR', meaning: 'a person’s folder of the world, in which it works' },
    { name: 'http', meaning: 'serve over HTTP, on this machine only' },
    { name: 'port', value: 'N', meaning: 'with --http: the port; else the last one, or any' },
    { name: 'prompts', meaning: 'the world keeps what the agent is asked for' },
  ],
  positionals: [0, 0],
  async run(context, line) {
    const name = line.text('as')?.trim();
    if (!name) throw new UsageError('Say who the agent is: --as NAME');
    const named = line.text('world');
    const folder = line.text('folder');
    const here = line.text('here');
    const keepsPrompts = line.flag('prompts');
    // A client that is told of a world that is gone says so to its model, with the first call.
    const known = await findWorld(context.machine, named).catch(() => undefined);
    const served: ServedAgent = {
      name,
      worldName: known?.name ?? named ?? 'a shared world',
      doorFor: ({ isShared = false } = {}) =>
        new AgentDoor({
          clock: context.machine.clock,
          enter: (signal) =>
            enter(context, { named, name, folder, here, isShared, keepsPrompts }, signal),
        }),
    };
    if (!line.flag('http')) {
      if (line.text('port') !== undefined) throw new UsageError('--port goes with --http');
      return serveInput(context, served);
    }
    if (folder !== undefined) throw new UsageError('--folder does not go with --http');
    const { serveHttp } = await import('./mcp-http.ts');
    return serveHttp(context, served, line.text('port'));
  },
};

async function serveInput(
  { machine, signal }: Context,
  { worldName, doorFor }: ServedAgent,
): Promise<ExitCode> {
  const end = new StdioEnd(signal);
  const door = doorFor();
  const { version, log } = machine;
  const handle = serveStdio(() => agentServer({ door, version, worldName }), {
    transport: end.transport,
    onerror: (error) => log.warn(`MCP: ${error.message}`),
  });
  door.open();
  await end.reached;
  await door.close();
  await handle.close();
  return EXIT.ok;
}

interface Wanted {
  readonly named: string | undefined;
  readonly name: string;
  readonly folder: string | undefined;
  /** Somebody else's, in which it works. */
  readonly here: string | undefined;
  readonly isShared: boolean;
  readonly keepsPrompts: boolean;
}

async function enter(
  { machine }: Context,
  { named, name, folder, here, isShared, keepsPrompts }: Wanted,
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
  options: Omit<HookDeskOptions, 'port' | 'hasOthers'>,
  database: string,
): Promise<{ readonly end: () => Promise<void> }> {
  const { folder } = options;
  const port = new FolderAsker({ home, folder, database, output: log });
  const hasOthers = (): boolean => hasOtherServers(home, folder);
  const desk = new HookDesk({ ...options, port, hasOthers });
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
