import path from 'node:path';
import { type AddedAgent, AddedAgents } from '../agents/clients/added-agents.ts';
import type { AgentClient, ServerEntry } from '../agents/clients/client-entry.ts';
import { putEntry, readEntry, removeEntry } from '../agents/clients/config-file.ts';
import { hooksOfClient } from '../agents/clients/client-hooks.ts';
import { isOnPath } from '../agents/clients/find-clients.ts';
import { AGENT_CLIENTS, clientNamed } from '../agents/clients/known-clients.ts';
import { runClient } from '../agents/clients/run-client.ts';
import { enterAsAgent } from '../agents/agent-identity.ts';
import { installCommandLauncher } from '../host/command-launcher.ts';
import { tryServer } from '../mcp/try-server.ts';
import { GitError } from '../git/git-error.ts';
import { WorldError } from '../world/world-error.ts';
import type { KnownWorld } from '../world/world-list.ts';
import type { WorldSession } from '../world/world-session.ts';
import { freeServerName, setUpFaults } from './agent-check.ts';
import { bringBuilds } from './agent-builds.ts';
import { standFolderOnBase, wordsOfBase } from './agent-git.ts';
import { addHooks, removeHooks } from './agent-hooks.ts';
import { agentRights, demandRights } from './agent-rights.ts';
import { addRules, removeRules } from './agent-rules.ts';
import { demandNoWorlds, serversFile } from './client-files.ts';
import type { Command, CommandLine, Context } from './command.ts';
import { EXIT, type ExitCode, UsageError } from './exit-code.ts';
import { endMirror, fillFolder } from './agent-folder.ts';
import { findWorld } from './known-world.ts';
import { isMirrorRunning } from '../mirror/mirror-lock.ts';
import { stateOf } from '../mirror/kept-mirror.ts';
import { asWhom } from '../mirror/start-mirror.ts';

const ACTIONS = ['add', 'remove', 'check', 'refresh'];
const NAMES = AGENT_CLIENTS.map(({ id }) => id).join(', ');

export const agentsCommand: Command = {
  name: 'agents',
  usage:
    'add|remove|check|refresh CLIENT [--folder DIR|--here] [--role ROLE] [--scope GLOBS] | list',
  summary: 'let the agents that you use work in a world',
  explanation: `
Sets up an agent's program, so that the agent works beside you in a world under a name of its own:

  add CLIENT     makes the agent a member, gives it a folder of its own beside the world's, tells the
                 client of the server that it starts there and of the rules, and checks both
  check CLIENT   tries again: does the client name the server, does that answer and reach the world, are
                 hooks and rules where they were put
  refresh CLIENT copies what builds need again into its folder, in place of what was copied before
  remove CLIENT  takes out of the client's settings what add put in; the agent stays a member, and its
                 folder stays where it is
  list           the agents that were set up on this machine

CLIENT is one of ${NAMES}. With --here the agent has no folder of its own: its client
works in the world's folder, and hooks say which writes there are the agent's. Nothing of the set-up is
written into the world's folder, so nothing of it reaches others.

The agent may edit and claim, in the whole world. --role gives it all that a role has (an editor decides
about conflicts, too), --scope keeps it to some paths, as "agent-world invite" does.

The scripted agents that an earlier form of this command ran are "agent-world demo-agents FOLDER".`,
  options: [
    { name: 'as', value: 'NAME', meaning: 'the agent’s name among the members (the client’s)' },
    { name: 'world', value: 'WORLD', meaning: 'a world’s name, or a folder in it' },
    { name: 'folder', value: 'DIR', meaning: 'the agent’s folder (the world’s, with its name)' },
    { name: 'here', meaning: 'no folder of its own: it works in the world’s' },
    { name: 'with-secrets', meaning: 'copy files such as .env, too' },
    { name: 'role', value: 'ROLE', meaning: 'owner, editor or viewer (edits and claims only)' },
    { name: 'scope', value: 'GLOBS', meaning: 'only these paths, separated by commas' },
    { name: 'prompts', meaning: 'the world keeps what the agent is asked for' },
  ],
  positionals: [1, 2],
  run(context, line) {
    const [action, id] = line.positionals;
    if (action === 'list' && id === undefined) return list(context);
    if (action === undefined || !ACTIONS.includes(action)) {
      throw new UsageError(
        'Say add, remove, check, refresh or list. The scripted agents are: agent-world demo-agents FOLDER',
      );
    }
    const client = id === undefined ? undefined : clientNamed(id);
    if (!client) throw new UsageError(`Say which client: one of ${NAMES}`);
    const name = line.text('as')?.trim() ?? client.title;
    if (name === '') throw new UsageError('Say who the agent is: --as NAME');
    if (action === 'refresh') return refresh(context, line, client, name);
    if (action === 'add') return add(context, line, client, name);
    return action === 'remove' ? remove(context, client, name) : check(context, client, name);
  },
};

async function add(
  context: Context,
  line: CommandLine,
  client: AgentClient,
  name: string,
): Promise<ExitCode> {
  const { machine, terminal, signal } = context;
  const added = new AddedAgents(machine.home);
  await demandFree(added, client, name);
  const rights = agentRights(line);
  // Nobody becomes a member for a client that cannot be told of it.
  await demandNoWorlds(machine, serversFile(client));
  if (client.configuration.tag === 'file') await readEntry(serversFile(client), [], '');
  const world = await findWorld(machine, line.text('world'));
  const isHere = line.flag('here');
  const withSecrets = line.flag('with-secrets');
  const folder = isHere
    ? world.folder || process.cwd()
    : path.resolve(line.text('folder') ?? `${world.folder || world.name}-${client.id}`);
  const launcher = await installCommandLauncher({
    home: machine.home,
    runtime: process.execPath,
    cliScript: path.join(machine.installation, 'dist', 'cli.cjs'),
  });
  const session = await enterAsAgent(machine, world, name, signal, rights);
  try {
    demandRights(session, line, name);
    terminal.line(`${name} is a member of ${world.name}.`);
    if (!isHere) {
      terminal.note(`Putting the world’s files into ${folder}`);
      await fillFolder(machine.home, { database: world.database, folder, name });
      terminal.line(`Its folder is ${folder}; start ${client.title} there.`);
      terminal.line(await gitWords(session, world, folder));
      await bringBuilds(context, session, { from: world.folder, to: folder, withSecrets });
    }
  } finally {
    session.close();
  }
  if (signal.aborted) {
    throw new WorldError('cancelled', `Cancelled: ${client.title} was told nothing`);
  }
  const entry: ServerEntry = {
    command: launcher,
    args: [
      'mcp',
      ...asWhom(name),
      '--world',
      world.database,
      ...(isHere ? ['--here', folder] : ['--folder', folder]),
      ...(line.flag('prompts') ? ['--prompts'] : []),
    ],
  };
  await added.alone(async () => {
    await demandFree(added, client, name);
    const agent: AddedAgent = {
      client: client.id,
      name,
      database: world.database,
      worldName: world.name,
      folder,
      isOwnFolder: !isHere,
      serverName: await freeServerName(client, folder),
      entry,
    };
    await configure(context, client, agent, added);
    if (await addHooks(machine, added, client, agent)) {
      terminal.line(`${client.title} was told of the hooks by which it hears of others.`);
    }
    await tellRules(context, client, name, added);
  });
  return check(context, client, name);
}

/** An agent works without git, too: what keeps it from answering is said. */
async function gitWords(session: WorldSession, world: KnownWorld, folder: string): Promise<string> {
  try {
    return wordsOfBase(await standFolderOnBase(session, world, folder));
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    return `git does not answer there: ${error.message}`;
  }
}

/** An agent works without them, too: what keeps them out is said. */
async function tellRules(
  { machine, terminal }: Context,
  client: AgentClient,
  name: string,
  added: AddedAgents,
): Promise<void> {
  try {
    const file = await addRules(machine, added, client, name);
    if (file !== undefined) terminal.line(`It reads the rules in ${file}, in a section of ours.`);
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    terminal.line(`The rules were not put down: ${error.message}`);
  }
}

/** Tells the client of the server, and keeps what is needed to take that back. */
async function configure(
  { terminal }: Context,
  client: AgentClient,
  agent: AddedAgent,
  added: AddedAgents,
): Promise<void> {
  const { configuration, title } = client;
  const { serverName, entry } = agent;
  if (configuration.tag === 'command') {
    await runClient(client, configuration.add(serverName, entry), agent.folder);
    await added.put(agent);
    terminal.line(`${title} was told of the server ${serverName} by its own command.`);
    return;
  }
  const file = serversFile(client);
  const change = await putEntry(file, configuration.at, serverName, configuration.value(entry));
  await added.put({ ...agent, changed: { file, change } });
  terminal.line(`${title} was told of the server ${serverName} in ${file}.`);
}

async function refresh(
  context: Context,
  line: CommandLine,
  client: AgentClient,
  name: string,
): Promise<ExitCode> {
  const { machine, signal } = context;
  const agent = await demandAdded(new AddedAgents(machine.home), client, name);
  if (!agent.isOwnFolder) throw new UsageError(`${name} has no folder of its own`);
  const world = await findWorld(machine, agent.database);
  const session = await enterAsAgent(machine, world, name, signal);
  try {
    const withSecrets = line.flag('with-secrets');
    await bringBuilds(context, session, { from: world.folder, to: agent.folder, withSecrets });
  } finally {
    session.close();
  }
  return EXIT.ok;
}

async function remove(
  { machine, terminal }: Context,
  client: AgentClient,
  name: string,
): Promise<ExitCode> {
  const added = new AddedAgents(machine.home);
  const { agent, said } = await added.alone(async () => {
    const agent = await demandAdded(added, client, name);
    // The other way round than they were put in, where both are in one file.
    await removeHooks(added, agent);
    const said = await takenOut(client, agent);
    await removeRules(added, agent);
    await added.remove(agent);
    return { agent, said };
  });
  if (agent.isOwnFolder) await endMirror(await stateOf(machine.home, agent));
  terminal.json({ ...withoutFiles(agent), said });
  terminal.line(said);
  if (agent.isOwnFolder) terminal.line(`${agent.folder} stays; delete it if you do not need it.`);
  terminal.line(`${name} stays a member of ${agent.worldName} (see: agent-world members).`);
  return EXIT.ok;
}

/** Takes the server out of the client's settings; says what became of it. */
async function takenOut(client: AgentClient, agent: AddedAgent): Promise<string> {
  const { configuration, program, title } = client;
  const { serverName, changed, folder } = agent;
  if (configuration.tag === 'file') {
    if (changed) await removeEntry(changed.file, configuration.at, serverName, changed.change);
  } else {
    const args = configuration.remove(serverName);
    try {
      await runClient(client, args, folder);
    } catch (error) {
      if (!(error instanceof WorldError)) throw error;
      // The program may be gone, or its entry: neither may keep the agent here for ever.
      return `${error.message}. If it still names the server, run in ${folder}: ${program} ${args.join(' ')}`;
    }
  }
  return `${title} does not know the server any more.`;
}

async function check(
  { machine, terminal }: Context,
  client: AgentClient,
  name: string,
): Promise<ExitCode> {
  const added = new AddedAgents(machine.home);
  const agent = await demandAdded(added, client, name);
  const { title } = client;
  const { tools, said, isReached } = await tryServer(trialOf(agent.entry), machine.clock);
  const faults = await setUpFaults(client, agent, added);
  terminal.json({ ...withoutFiles(agent), tools, isReached, said, faults });
  terminal.line(`The server answers with ${tools.length} tools. ${said}`);
  for (const fault of faults) terminal.line(`${fault}; agents remove and add put it right.`);
  const hooks = agent.isOwnFolder ? hooksOfClient(client.id) : undefined;
  for (const each of [client.consent, hooks?.consent]) if (each !== undefined) terminal.line(each);
  if (!isOnPath(client.program)) {
    terminal.line(`${title} is not on the path here (${client.program}); install it to go on.`);
  }
  if (!isReached) return EXIT.unreachable;
  return faults.length > 0 ? EXIT.failed : EXIT.ok;
}

/** Without the folder: a server that is only tried would have it kept in step for ten minutes. */
function trialOf({ command, args }: ServerEntry): ServerEntry {
  const at = args.indexOf('--folder');
  return { command, args: at < 0 ? args : args.toSpliced(at, 2) };
}

async function list({ machine, terminal }: Context): Promise<ExitCode> {
  const all = await new AddedAgents(machine.home).all();
  if (all.length === 0)
    terminal.line('No agent was set up here yet: agent-world agents add CLIENT');
  for (const agent of all) {
    const isKept = agent.isOwnFolder && (await isMirrorRunning(await stateOf(machine.home, agent)));
    terminal.json({ ...withoutFiles(agent), isKept });
    const kept = isKept ? 'kept in step now' : 'not kept in step now';
    const where = agent.isOwnFolder
      ? `in ${agent.folder}, ${kept}`
      : `in the folder ${agent.folder}`;
    terminal.line(`${agent.client.padEnd(9)} ${agent.name}, in ${agent.worldName}, ${where}`);
  }
  return EXIT.ok;
}

/** What is told of an agent: not what the files of its client had before. */
function withoutFiles(agent: AddedAgent): object {
  const { changed: _, hooks: __, rules: ___, ...told } = agent;
  return told;
}

async function demandFree(added: AddedAgents, client: AgentClient, name: string): Promise<void> {
  if (!(await added.find(client.id, name))) return;
  throw new UsageError(`${client.title} has ${name} already; remove it first, or use --as NAME`);
}

async function demandAdded(
  added: AddedAgents,
  client: AgentClient,
  name: string,
): Promise<AddedAgent> {
  const agent = await added.find(client.id, name);
  if (agent) return agent;
  throw new UsageError(`${client.title} has no ${name} here (see: agent-world agents list)`);
}
