// A person's keystrokes while agents read, search and edit by tools.
import { setTimeout as delay } from 'node:timers/promises';
import { openMachine } from '../../src/cli/machine.ts';
import { findWorld } from '../../src/cli/known-world.ts';
import { openAsPerson } from '../../src/world/open-folder.ts';
import type { MeasureOptions } from './measure.ts';
import { timeKeys } from './others-at-work.ts';
import { percentile } from './statistics.ts';
import { ToolClient } from './tool-client.ts';
import { memberUpdates } from './view-updates.ts';

export const AGENTS = 10;

/**
 * How long an agent has been at a call of its before the next one; 0 for one that never thinks. A model takes some
 * seconds for each of its calls: a call each third of a second is what ten agents do that are in a great hurry.
 */
export interface Pace {
  readonly betweenCallsMs: number;
}

export const HURRY: Pace = { betweenCallsMs: 333 };
export const NO_PAUSE: Pace = { betweenCallsMs: 0 };

/** So long they work before keys are counted: their code has run then. */
const WARM_UP_MS = 2_000;

/** So long it is looked what the view of members costs, after the keys. */
const VIEW_MS = 3_000;

/** The p95 of each round, without any agent's process and among agents at work, turn by turn. Milliseconds. */
export async function keystrokeTimes(
  command: readonly string[],
  { home, folder, file }: { readonly home: string; readonly folder: string; readonly file: string },
  pace: Pace,
  { quick, rounds }: MeasureOptions,
) {
  const machine = await openMachine(home);
  const world = await findWorld(machine, folder);
  const [writer, reader] = [await openAsPerson(machine, world), await openAsPerson(machine, world)];
  const times = {
    alone: [] as number[],
    among: [] as number[],
    calls: [] as number[],
    /** Of each update of the view of members. */
    viewUpdates: [] as number[],
  };
  const typed = { writer, reader, keys: quick ? 20 : 100, over: undefined };
  try {
    for (let round = 0; round <= rounds; round++) {
      const alone = await timeKeys(typed);
      const agents = await startAgents(command, { home, folder, file });
      const stop = new AbortController();
      const startedMs = performance.now();
      const working = agents.map((client, agent) =>
        workUntil(stop.signal, client, { agent, file, pace }),
      );
      await delay(quick ? 200 : WARM_UP_MS);
      const among = await timeKeys(typed);
      const viewUpdates = await memberUpdates(reader, quick ? 1_000 : VIEW_MS);
      stop.abort();
      const calls = (await Promise.all(working)).reduce((sum, each) => sum + each, 0);
      const seconds = (performance.now() - startedMs) / 1_000;
      for (const client of agents) await client.close();
      // The first round joins the agents, and is not counted.
      if (round === 0) continue;
      times.alone.push(percentile(alone, 0.95));
      times.among.push(percentile(among, 0.95));
      times.calls.push(calls / seconds);
      times.viewUpdates.push(...viewUpdates);
    }
  } finally {
    writer.close();
    reader.close();
  }
  return times;
}

/** Each has read the file. */
async function startAgents(
  command: readonly string[],
  { home, folder, file }: { readonly home: string; readonly folder: string; readonly file: string },
): Promise<readonly ToolClient[]> {
  const agents: ToolClient[] = [];
  for (let agent = 0; agent < AGENTS; agent++) {
    const args = ['mcp', '--as', `worker ${agent}`, '--world', folder, '--home', home];
    const client = await ToolClient.start([...command, ...args]);
    await client.call('read_file', { path: file });
    agents.push(client);
  }
  return agents;
}

/**
 * Reads some lines of a file of all agents, searches for one, and edits a line of its own there, to and fro; returns
 * how many calls that were.
 */
async function workUntil(
  signal: AbortSignal,
  client: ToolClient,
  { agent, file, pace }: { readonly agent: number; readonly file: string; readonly pace: Pace },
): Promise<number> {
  const line = agent * 90 + 7;
  const texts = [`line ${line} of a file`, `line ${line}, edited`] as const;
  const { betweenCallsMs } = pace;
  let calls = 0;
  const call = async (name: string, args: Readonly<Record<string, unknown>>): Promise<void> => {
    await client.call(name, args);
    calls += 1;
    await delay(betweenCallsMs);
  };
  // Not all at once.
  await delay((betweenCallsMs * agent) / AGENTS);
  // Stops where it began.
  for (let edit = 0; !signal.aborted || edit % 2 === 1; edit++) {
    const [search, replacement] = edit % 2 === 0 ? texts : [texts[1], texts[0]];
    await call('read_file', { path: file, first_line: line, last_line: line + 20 });
    await call('search', { text: search, limit: 5 });
    await call('edit_file', { path: file, edits: [{ search, replacement }] });
  }
  return calls;
}
