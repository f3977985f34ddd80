import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { yieldHelperThreads } from '../host/helper-threads.ts';
import { AgentDoor } from '../mcp/agent-door.ts';
import { agentServer } from '../mcp/agent-server.ts';
import { StdioEnd } from '../mcp/stdio-end.ts';
import type { Command, Context } from './command.ts';
import { EXIT, type ExitCode, UsageError } from './exit-code.ts';
import { giveWay } from './give-way.ts';
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
    // Ten agents' servers compile and collect garbage beside whoever types.
    yieldHelperThreads();
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
          async enter(signal) {
            const place = { named, name, folder, here, isShared, keepsPrompts };
            const { enterServed } = await import('./served-world.ts');
            const entered = await enterServed(context, place, signal);
            // Ten agents' servers hear of each key that somebody presses. What is started later weighs as little,
            // and the host runs by now.
            giveWay();
            return entered;
          },
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
  const { version, clock, log } = machine;
  const handle = serveStdio(() => agentServer({ door, version, worldName }), {
    transport: end.transport,
    onerror: (error) => log.warn(`MCP: ${error.message}`),
  });
  // What entering a world takes of the processor would be waited for: a client is answered first.
  const open = (): void => door.open();
  void end.answered.then(open);
  const cancel = clock.after(SILENT_MS, open);
  await end.reached;
  cancel();
  await door.close();
  await handle.close();
  return EXIT.ok;
}

/** A client that says nothing for so long may still use its own tools in the agent's folder. */
const SILENT_MS = 1_000;
