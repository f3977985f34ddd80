// What an agent's client waits for that works by its own file tools: its hooks, and what others see of its writes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AddedAgents } from '../../src/agents/clients/added-agents.ts';
import { openMachine } from '../../src/cli/machine.ts';
import { endMirror } from '../../src/cli/agent-folder.ts';
import { findWorld } from '../../src/cli/known-world.ts';
import { stateOf } from '../../src/mirror/kept-mirror.ts';
import { STEADY_MS } from '../../src/mirror/mirror-waits.ts';
import { openAsPerson } from '../../src/world/open-folder.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { elapsedMs, ended } from './program-runs.ts';
import { ToolClient } from './tool-client.ts';

export interface HookTimes {
  readonly bare: readonly number[];
  /** A hook that asks a server that runs. */
  readonly asking: readonly number[];
  /** A hook of the same folder where no server runs, and its mirror does. */
  readonly alone: readonly number[];
  /** From the end of the hook behind a write until another session has what was written; 0 where it had it before. */
  readonly seenAfterHook: readonly number[];
  /** The same from the write, where no hook tells of it, beyond the time for which a file must be quiet. */
  readonly seenAfterQuiet: readonly number[];
}

export interface HookPlace {
  readonly home: string;
  /** In the world. */
  readonly project: string;
  /** Of the agent. */
  readonly own: string;
  /** A file of the world. */
  readonly file: string;
}

const HOOKS_PER_ROUND = 4;
const WRITES_PER_ROUND = 4;

/** Turn by turn, so that what else the machine does weighs on all. Milliseconds. */
export async function hookTimes(
  command: readonly string[],
  place: HookPlace,
  rounds: number,
): Promise<HookTimes> {
  const { home, project, own, file } = place;
  await mkdir(own);
  const machine = await openMachine(home);
  const { database, name: worldName } = await findWorld(machine, project);
  const session = await openAsPerson(machine, { server: 'embedded', database });
  const name = 'hooked';
  const args = ['mcp', '--as', name, '--world', project, '--home', home, '--folder', own];
  // As set-up leaves it, by which a hook without a server finds whose folder it is in.
  const entry = { command: process.execPath, args: [...command.slice(1), ...args] };
  const added = { client: 'claude-code', name, database, worldName, folder: own };
  await new AddedAgents(home).alone(async () =>
    new AddedAgents(home).put({ ...added, isOwnFolder: true, serverName: 'agent-world', entry }),
  );
  const hook = hookOf(command, place);
  try {
    const bare: number[] = [];
    const server = await ToolClient.start([...command, ...args]);
    // The world is entered then, and hooks are answered.
    await server.call('list_files', {});
    const content = await arrived(path.join(own, file));
    const asking: number[] = [];
    const written = { session, file: path.join(own, file), path: file, content };
    const seenAfterHook: number[] = [];
    const seenAfterQuiet: number[] = [];
    for (let round = 0; round <= rounds * HOOKS_PER_ROUND; round++) {
      const took = [await elapsedMs(() => ended(['-e', '0'])), await elapsedMs(() => hook('Read'))];
      if (round === 0) continue;
      bare.push(took[0]!);
      asking.push(took[1]!);
    }
    for (let write = 0; write <= rounds * WRITES_PER_ROUND; write++) {
      const told = await seenAfter(written, write * 2, async () => {
        await hook('Write', 'PostToolUse');
        return performance.now();
      });
      const quiet = await seenAfter(written, write * 2 + 1, async (wroteMs) => wroteMs + STEADY_MS);
      if (write === 0) continue;
      seenAfterHook.push(Math.max(0, told));
      seenAfterQuiet.push(quiet);
    }
    await server.close();
    const alone: number[] = [];
    for (let round = 0; round <= rounds * HOOKS_PER_ROUND; round++) {
      const took = await elapsedMs(() => hook('Read'));
      if (round > 0) alone.push(took);
    }
    return { bare, asking, alone, seenAfterHook, seenAfterQuiet };
  } finally {
    session.close();
    // It would go on for as long as an agent may come back.
    await endMirror(await stateOf(home, { folder: own, name, database }));
  }
}

/** Writes as an agent's own tool does, and returns how much later than a moment another session has it. */
async function seenAfter(
  {
    session: { view },
    file,
    path,
    content,
  }: {
    readonly session: WorldSession;
    readonly file: string;
    readonly path: string;
    readonly content: string;
  },
  number: number,
  moment: (wroteMs: number) => Promise<number>,
): Promise<number> {
  const { version } = view.fileAt(path)!;
  const seen = Promise.withResolvers<number>();
  const stop = view.files.onChange(({ after }) => {
    if (after?.path === path && after.version > version) seen.resolve(performance.now());
  });
  await writeFile(file, `${content}written ${number}\n`);
  const fromMs = await moment(performance.now());
  const seenMs = await seen.promise;
  stop();
  // What was written is put there again by nobody before the next one.
  await delay(STEADY_MS * 3);
  return seenMs - fromMs;
}

/** Starts the hook as a client does, and waits for its end. */
function hookOf(command: readonly string[], { home, own, file }: HookPlace) {
  return async (tool: 'Read' | 'Write', event = 'PostToolUse'): Promise<void> => {
    const env = { ...process.env, AGENT_WORLD_HOME: home };
    const child = spawn(process.execPath, [...command, 'hook', 'claude'], {
      env,
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const told = { tool_name: tool, tool_input: { file_path: path.join(own, file) } };
    const input = { hook_event_name: event, session_id: 'bench', cwd: own, ...told };
    child.stdin.end(JSON.stringify(input));
    await once(child, 'exit');
  };
}

/** The file's text, once the mirror has put it there. */
async function arrived(file: string): Promise<string> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text !== '') return text;
    await delay(50);
  }
}
