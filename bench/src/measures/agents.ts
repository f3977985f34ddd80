import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { ensureBuilt } from '../../../scripts/build.mjs';
import { projectRoot } from '../../../scripts/setup/paths.mjs';
import { enterAsAgent } from '../../../src/agents/agent-identity.ts';
import { AgentSession } from '../../../src/agents/agent-session.ts';
import { openMachine } from '../../../src/cli/machine.ts';
import { findWorld } from '../../../src/cli/known-world.ts';
import { openAsPerson } from '../../../src/world/open-folder.ts';
import { killHost } from '../../../test/harness/host-life.ts';
import type { Measure, MeasureOptions } from '../measure.ts';
import { timeKeys } from '../others-at-work.ts';
import { median, pairedRatio, percentile } from '../statistics.ts';

const LINES = 1_000;
const AGENTS = 10;
/** Between two calls of an agent: a model takes longer. */
const THINKING_MS = 250;
const [OURS, THEIRS, SHARED] = ['tools.txt', 'session.txt', 'shared.txt'];
const text = Array.from({ length: LINES }, (_, line) => `line ${line} of a file\n`).join('');

/**
 * An agent's server: how long a client waits for it to start, for an edit, beside the same by the SDK, and for its
 * hooks, beside a program that does nothing.
 */
export const measureAgents: Measure = async (options) => {
  await ensureBuilt();
  const place = path.join(options.dataFolder, 'agents');
  const [home, folder] = [path.join(place, 'home'), path.join(place, 'project')];
  await mkdir(folder, { recursive: true });
  for (const file of [OURS, THEIRS, SHARED]) await writeFile(path.join(folder, file), text);
  const command = [path.join(projectRoot, 'dist', 'cli.cjs')];
  const server = [...command, 'mcp', '--as', 'bench', '--world', folder, '--home', home];
  try {
    await ended([...command, 'open', folder, '--home', home]);
    const starts = await startTimes(server, options.rounds);
    const edits = await editTimes(server, { home, folder }, options);
    const keys = await keystrokeTimes(command, { home, folder }, options);
    const hooks = await hookTimes(server, { home, own: path.join(place, 'own') }, options.rounds);
    const [bare, answered] = [median(starts.bare), median(starts.answered)];
    const [ours, theirs] = [edits.tools, edits.session].map((times) => percentile(times, 0.5));
    return {
      remarks: [],
      figures: [
        {
          measure: 'agents',
          label: 'an agent’s server, from its start to its first answer, beyond bare node',
          ours: `${answered.toFixed(0)} ms`,
          peer: `bare node: ${bare.toFixed(0)} ms`,
          value: answered - bare,
          unit: ' ms',
          must: 150,
          aim: 80,
          better: 'lower',
        },
        {
          measure: 'agents',
          label: `an edit of a file of ${LINES} lines by a tool, p50 ÷ the same by the SDK`,
          ours: `${ours!.toFixed(2)} ms`,
          peer: `AgentSession: ${theirs!.toFixed(2)} ms`,
          value: ours! / theirs!,
          unit: '×',
          must: 1.5,
          aim: 1.2,
          better: 'lower',
        },
        {
          measure: 'agents',
          label: `a person’s keystroke, p95, among ${AGENTS} agents that edit by tools ÷ without`,
          ours: `${median(keys.among).toFixed(2)} ms`,
          peer: `without: ${median(keys.alone).toFixed(2)} ms`,
          value: pairedRatio(keys.among, keys.alone),
          unit: '×',
          must: 1.5,
          aim: 1.2,
          better: 'lower',
        },
        {
          measure: 'agents',
          label: 'a hook that asks the agent’s server, its whole process ÷ bare node',
          ours: `${median(hooks.asking).toFixed(0)} ms`,
          peer: `bare node: ${median(hooks.bare).toFixed(0)} ms`,
          value: median(hooks.asking) / median(hooks.bare),
          unit: '×',
          must: 1.3,
          aim: 1.2,
          better: 'lower',
        },
      ],
    };
  } finally {
    await killHost(home);
  }
};

async function ended(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
}

/** Turn by turn; a hook that tells of a file that was read is answered with nothing. Milliseconds. */
async function hookTimes(
  server: readonly string[],
  { home, own }: { readonly home: string; readonly own: string },
  rounds: number,
) {
  await mkdir(own);
  const [script = '', ...args] = server;
  const client = new Client({ name: 'bench', version: '1.0.0' });
  const transport = { command: process.execPath, args: [script, ...args, '--folder', own] };
  await client.connect(new StdioClientTransport(transport));
  const times = { bare: [] as number[], asking: [] as number[] };
  try {
    // The world is entered then, and hooks are answered.
    await client.callTool({ name: 'list_files', arguments: {} });
    const tool = { tool_name: 'Read', tool_input: { file_path: path.join(own, OURS) } };
    const input = { hook_event_name: 'PostToolUse', session_id: 'bench', cwd: own, ...tool };
    for (let round = 0; round <= rounds * HOOKS_PER_ROUND; round++) {
      const bare = await elapsedMs(() => ended(['-e', '0']));
      const asking = await elapsedMs(() => hook(script, home, JSON.stringify(input)));
      if (round === 0) continue;
      times.bare.push(bare);
      times.asking.push(asking);
    }
  } finally {
    await client.close();
  }
  return times;
}

async function hook(script: string, home: string, input: string): Promise<void> {
  const env = { ...process.env, AGENT_WORLD_HOME: home };
  const child = spawn(process.execPath, [script, 'hook', 'claude'], {
    env,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.end(input);
  await once(child, 'exit');
}

const HOOKS_PER_ROUND = 4;

/** Turn by turn, so that what else the machine does weighs on both. Milliseconds. */
async function startTimes(server: readonly string[], rounds: number) {
  const times = { bare: [] as number[], answered: [] as number[] };
  // The first one joins the world, and is not counted.
  for (let round = 0; round <= rounds; round++) {
    const bare = await elapsedMs(() => ended(['-e', '0']));
    const answered = await elapsedMs(() => firstAnswer(server));
    if (round === 0) continue;
    times.bare.push(bare);
    times.answered.push(answered);
  }
  return times;
}

async function firstAnswer(server: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [...server], { stdio: ['pipe', 'pipe', 'ignore'] });
  const clientInfo = { name: 'bench', version: '1' };
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
  child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`);
  await once(createInterface({ input: child.stdout }), 'line');
  child.stdin.end();
}

async function editTimes(
  [script, ...args]: readonly string[],
  { home, folder }: { readonly home: string; readonly folder: string },
  { quick }: MeasureOptions,
) {
  const machine = await openMachine(home);
  const session = await enterAsAgent(machine, await findWorld(machine, folder), 'bench');
  const { randomBytes } = machine;
  const agent = new AgentSession({ session, randomBytes });
  const client = new Client({ name: 'bench', version: '1.0.0' });
  const transport = { command: process.execPath, args: [script!, ...args] };
  await client.connect(new StdioClientTransport(transport));
  const call = async (name: string, request: Record<string, unknown>): Promise<void> => {
    const { isError } = await client.callTool({ name, arguments: request });
    if (isError) throw new Error(`${name} was refused`);
  };
  const times = { tools: [] as number[], session: [] as number[] };
  try {
    await call('read_file', { path: OURS });
    await agent.read(THEIRS);
    for (let edit = 0; edit < (quick ? 40 : 400); edit++) {
      const line = (edit * 7) % LINES;
      const quote = {
        search: `line ${line} of a file\n`,
        replacement: `line ${line}, edited\n`,
      };
      const byTool = await elapsedMs(() => call('edit_file', { path: OURS, edits: [quote] }));
      const { search, replacement } = quote;
      const bySession = await elapsedMs(async () => {
        const { tag } = await agent.replace(THEIRS, [{ search, replacement }]);
        if (tag !== 'applied') throw new Error(`an edit is ${tag}`);
      });
      // The first ones compile what the others use.
      if (edit < 10) continue;
      times.tools.push(byTool);
      times.session.push(bySession);
    }
  } finally {
    await client.close();
    session.close();
  }
  return times;
}

/** The p95 of each round, with agents at work and without, turn by turn. Milliseconds. */
async function keystrokeTimes(
  command: readonly string[],
  { home, folder }: { readonly home: string; readonly folder: string },
  { quick, rounds }: MeasureOptions,
) {
  const machine = await openMachine(home);
  const world = await findWorld(machine, folder);
  const [writer, reader] = [await openAsPerson(machine, world), await openAsPerson(machine, world)];
  const agents: Client[] = [];
  const times = { alone: [] as number[], among: [] as number[] };
  try {
    for (let agent = 0; agent < AGENTS; agent++) {
      const name = `worker ${agent}`;
      const args = [...command, 'mcp', '--as', name, '--world', folder, '--home', home];
      const client = new Client({ name: 'bench', version: '1.0.0' });
      await client.connect(new StdioClientTransport({ command: process.execPath, args }));
      await client.callTool({ name: 'read_file', arguments: { path: SHARED } });
      agents.push(client);
    }
    const keys = quick ? 20 : 100;
    for (let round = 0; round <= rounds; round++) {
      const typed = { writer, reader, keys, over: undefined };
      const alone = await timeKeys(typed);
      const stop = new AbortController();
      const working = agents.map((client, agent) => workUntil(stop.signal, client, agent));
      const among = await timeKeys(typed);
      stop.abort();
      await Promise.all(working);
      if (round === 0) continue;
      times.alone.push(percentile(alone, 0.95));
      times.among.push(percentile(among, 0.95));
    }
  } finally {
    for (const client of agents) await client.close();
    writer.close();
    reader.close();
  }
  return times;
}

/** Edits a line of its own in a file of all agents, to and fro. */
async function workUntil(signal: AbortSignal, client: Client, agent: number): Promise<void> {
  const line = agent * 90 + 7;
  const texts = [`line ${line} of a file`, `line ${line}, edited`] as const;
  // Not all at once.
  await delay((THINKING_MS * agent) / AGENTS);
  // Stops where it began.
  for (let edit = 0; !signal.aborted || edit % 2 === 1; edit++) {
    const [search, replacement] = edit % 2 === 0 ? texts : [texts[1], texts[0]];
    const edits = [{ search, replacement }];
    const request = { name: 'edit_file', arguments: { path: SHARED, edits } };
    if ((await client.callTool(request)).isError) throw new Error('an edit was refused');
    await delay(THINKING_MS);
  }
}

async function elapsedMs(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}
