import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureBuilt } from '../../../scripts/build.mjs';
import { projectRoot } from '../../../scripts/setup/paths.mjs';
import { enterAsAgent } from '../../../src/agents/agent-identity.ts';
import { AgentSession } from '../../../src/agents/agent-session.ts';
import { openMachine } from '../../../src/cli/machine.ts';
import { findWorld } from '../../../src/cli/known-world.ts';
import { STEADY_MS } from '../../../src/mirror/mirror-waits.ts';
import { killHost } from '../../../test/harness/host-life.ts';
import { AGENTS, HURRY, keystrokeTimes, NO_PAUSE } from '../agents-at-work.ts';
import { elapsedMs, ended } from '../program-runs.ts';
import { type HookTimes, hookTimes } from '../hook-times.ts';
import type { JudgedFigure, Measure, MeasureOptions } from '../measure.ts';
import { median, pairedRatio, percentile } from '../statistics.ts';
import { ToolClient } from '../tool-client.ts';

const LINES = 1_000;
const [OURS, THEIRS] = ['tools.txt', 'session.txt'] as const;
const [SHARED, NATIVE] = ['shared.txt', 'native.txt'] as const;
const text = Array.from({ length: LINES }, (_, line) => `line ${line} of a file\n`).join('');

/**
 * An agent's server: how long a client waits for it to start, for an edit, beside the same by the SDK, and for its
 * hooks, beside a program that does nothing; what others see of it, and when.
 */
export const measureAgents: Measure = async (options) => {
  await ensureBuilt();
  const place = path.join(options.dataFolder, 'agents');
  const [home, folder] = [path.join(place, 'home'), path.join(place, 'project')];
  await mkdir(folder, { recursive: true });
  for (const file of [OURS, THEIRS, SHARED, NATIVE]) {
    await writeFile(path.join(folder, file), text);
  }
  const command = [path.join(projectRoot, 'dist', 'cli.cjs')];
  const server = [...command, 'mcp', '--as', 'bench', '--world', folder, '--home', home];
  try {
    await ended([...command, 'open', folder, '--home', home]);
    const starts = await startTimes(server, options.rounds);
    const edits = await editTimes(server, { home, folder }, options);
    const at = { home, folder, file: SHARED };
    const hurried = await keystrokeTimes(command, at, HURRY, options);
    const unpaced = await keystrokeTimes(command, at, NO_PAUSE, options);
    const own = path.join(place, 'own');
    const where = { home, project: folder, own, file: NATIVE };
    const hooks = await hookTimes(command, where, options.rounds);
    const row = ({ alone, among, calls }: typeof hurried, pace: string): readonly string[] => [
      pace,
      `${median(calls).toFixed(0)}/s`,
      `${median(alone).toFixed(2)} ms`,
      `${median(among).toFixed(2)} ms`,
      `${pairedRatio(among, alone).toFixed(2)}×`,
    ];
    return {
      remarks: [],
      figures: [...toolFigures(starts, edits, hurried), ...hookFigures(hooks)],
      comparison: {
        title: `A person’s keystroke, p95, among ${AGENTS} agents that read, search and edit in turn`,
        columns: ['pace of each', 'calls of all', 'without agents', 'among them', 'ratio'],
        rows: [
          row(hurried, 'a call a third of a second after the one before'),
          row(unpaced, 'a call as soon as the one before is answered'),
        ],
      },
    };
  } finally {
    await killHost(home);
  }
};

function toolFigures(
  starts: Awaited<ReturnType<typeof startTimes>>,
  edits: Awaited<ReturnType<typeof editTimes>>,
  keys: Awaited<ReturnType<typeof keystrokeTimes>>,
): readonly JudgedFigure[] {
  const [bare, answered] = [median(starts.bare), median(starts.answered)];
  const p50 = (times: readonly number[]): number => percentile(times, 0.5);
  const [ours, theirs, pipe] = [p50(edits.tools), p50(edits.session), p50(edits.pipe)];
  return [
    {
      measure: 'agents',
      label: 'an agent’s server, from its start to its first answer, beyond bare node',
      ours: `${answered.toFixed(0)} ms; the first start of all ${starts.firstMs.toFixed(0)} ms`,
      peer: `bare node: ${bare.toFixed(0)} ms`,
      value: answered - bare,
      unit: ' ms',
      must: 150,
      aim: 80,
      better: 'lower',
    },
    {
      measure: 'agents',
      label: `an edit of a file of ${LINES} lines by a tool, from request to answer, p50 ÷ the same by the SDK`,
      ours: `${ours.toFixed(2)} ms`,
      peer: `AgentSession: ${theirs.toFixed(2)} ms; a call that the agent’s server answers by itself: ${pipe.toFixed(2)} ms`,
      value: ours / theirs,
      unit: '×',
      must: 1.5,
      aim: 1.2,
      better: 'lower',
    },
    {
      measure: 'agents',
      label: `a person’s keystroke, p95, among ${AGENTS} agents that each edit once a second, and read and search between ÷ without agents`,
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
      label: `the view of members brought up to date, p95, with ${AGENTS} agents at work`,
      ours: `p50 ${median(keys.viewUpdates).toFixed(2)} ms, ${keys.viewUpdates.length} updates`,
      peer: '',
      value: percentile(keys.viewUpdates, 0.95),
      unit: ' ms',
      must: 16,
      aim: 4,
      better: 'lower',
    },
  ];
}

function hookFigures({ bare, asking, alone, ...seen }: HookTimes): readonly JudgedFigure[] {
  const peer = `bare node: ${median(bare).toFixed(0)} ms`;
  const shown = (times: readonly number[]): string =>
    `p50 ${median(times).toFixed(1)} ms, p95 ${percentile(times, 0.95).toFixed(1)} ms`;
  return [
    {
      measure: 'agents',
      label: 'a hook that asks the agent’s server, its whole process ÷ bare node',
      ours: `${median(asking).toFixed(0)} ms`,
      peer,
      value: median(asking) / median(bare),
      unit: '×',
      must: 1.3,
      aim: 1.2,
      better: 'lower',
    },
    {
      measure: 'agents',
      label: 'a hook where no server of the agent runs, its whole process ÷ bare node',
      ours: `${median(alone).toFixed(0)} ms`,
      peer,
      value: median(alone) / median(bare),
      unit: '×',
      must: 2,
      aim: 1.3,
      better: 'lower',
    },
    {
      measure: 'agents',
      label:
        'a write by a client’s own tool, from the end of the hook behind it until others see it, p50',
      ours: shown(seen.seenAfterHook),
      peer: '',
      value: median(seen.seenAfterHook),
      unit: ' ms',
      must: 30,
      aim: 10,
      better: 'lower',
    },
    {
      measure: 'agents',
      label: `the same without a hook, beyond the ${STEADY_MS} ms for which a file must be quiet, p50`,
      ours: shown(seen.seenAfterQuiet),
      peer: '',
      value: median(seen.seenAfterQuiet),
      unit: ' ms',
      must: 30,
      aim: 10,
      better: 'lower',
    },
  ];
}

/** Turn by turn, so that what else the machine does weighs on both. Milliseconds. */
async function startTimes(server: readonly string[], rounds: number) {
  const startedMs = performance.now();
  // It joins the world, and what V8 compiled of it is kept for those that come later.
  const joining = await ToolClient.start(server);
  const firstMs = performance.now() - startedMs;
  await joining.call('list_files', {});
  await delay(KEPT_MS);
  await joining.close();
  const times = { bare: [] as number[], answered: [] as number[] };
  for (let start = 0; start < rounds * STARTS_PER_ROUND; start++) {
    times.bare.push(await elapsedMs(() => ended(['-e', '0'])));
    const beganMs = performance.now();
    const client = await ToolClient.start(server);
    times.answered.push(performance.now() - beganMs);
    await client.close();
  }
  return { ...times, firstMs };
}

const STARTS_PER_ROUND = 3;
/** Three seconds after its start, and as long as that takes. */
const KEPT_MS = 5_000;

async function editTimes(
  server: readonly string[],
  { home, folder }: { readonly home: string; readonly folder: string },
  { quick }: MeasureOptions,
) {
  const machine = await openMachine(home);
  const session = await enterAsAgent(machine, await findWorld(machine, folder), 'bench');
  const { randomBytes } = machine;
  const agent = new AgentSession({ session, randomBytes });
  const client = await ToolClient.start(server);
  const times = { tools: [] as number[], session: [] as number[], pipe: [] as number[] };
  try {
    await client.call('read_file', { path: OURS });
    await agent.read(THEIRS);
    for (let edit = 0; edit < (quick ? 40 : 400); edit++) {
      const line = (edit * 7) % LINES;
      const quote = {
        search: `line ${line} of a file\n`,
        replacement: `line ${line}, edited\n`,
      };
      const byTool = await elapsedMs(() =>
        client.call('edit_file', { path: OURS, edits: [quote] }),
      );
      const bySession = await elapsedMs(async () => {
        const { tag } = await agent.replace(THEIRS, [quote]);
        if (tag !== 'applied') throw new Error(`an edit is ${tag}`);
      });
      const byPipe = await elapsedMs(() => client.call('claim', { action: 'list' }));
      // The first ones compile what the others use.
      if (edit < 10) continue;
      times.pipe.push(byPipe);
      times.tools.push(byTool);
      times.session.push(bySession);
    }
  } finally {
    await client.close();
    session.close();
  }
  return times;
}
