// Much of agents' work waits while ten of them go on: it costs who types nothing, and is marked where somebody looks.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import type { Changes } from '../../src/core/change.ts';
import { changeTimings } from './harness/change-timings.ts';
import { watchStretches } from './harness/host-stretches.ts';
import { changeEventDurationsMs, LiveFolder } from './harness/live-folder.ts';
import { watchSentMarks } from './harness/sent-marks.ts';
import { viewRow } from './harness/view-rows.ts';
import type { EditorWindow } from './harness/window.ts';

const isSoak = process.env['AGENT_WORLD_SOAK'] === '1';
const AGENTS = 10;
const FILES = 50;
const LINES = 400;
/** In each file. */
const HUNKS = 4;
const KEYS = isSoak ? 1_000 : 110;
const KEYS_PER_SECOND = 30;
/** An agent's pause behind each edit: a model takes longer for one. */
const BETWEEN_EDITS_MS = 500;
/** A file with a hunk on every twentieth line. */
const LONG = 'long.txt';

let live: LiveFolder;
let window: EditorWindow;
let agents: readonly AgentSession[];

before(async () => {
  const files = Object.fromEntries(
    Array.from({ length: FILES }, (_, file) => [nameOf(file), textOf(LINES)]),
  );
  live = await LiveFolder.start({
    files: { ...files, [LONG]: textOf(1_000) },
    settings: { 'files.autoSave': 'off' },
  });
  const joined = Array.from({ length: AGENTS }, (_, at) => live.joinAgent(`worker-${at}`));
  agents = await Promise.all(joined);
  window = await live.openWindow();
  await window.command('workbench.view.extension.agentWorld');
});

after(() => live.dispose());

test('who types among ten agents waits no longer with two hundred changes to look at', async () => {
  await window.openFile(nameOf(0));
  // Code that has not run yet is slower.
  await typeAmong([], 20);
  // Words of a person are not looked at: the same edits, and nothing to look at.
  const person = live.person();
  const none = await typeAmong(agents.map(() => person));
  assert.equal(live.session.view.unreviewed.files.size, 0);

  await Promise.all(agents.map((agent, at) => changeFiles(agent, at)));
  // Which of the agents are in sight is not said; how many files there are is.
  const header = window.page.locator('.pane-header[aria-label^="Agents’ Work"]');
  await header.filter({ hasText: `${FILES} files` }).waitFor();
  await viewRow(window, 'Agents’ Work', 'worker-').first().waitFor();
  assert.equal(live.session.view.unreviewed.files.size, FILES);
  const some = await typeAmong(agents);
  await window.screenshot('review-load');
  assert.ok(some.changeEvents >= KEYS && none.changeEvents >= KEYS, 'the events were measured');
  const measuredIn = 'VS Code in the browser, one window, ten agents at work';
  const file = path.join(projectRoot, 'test-results', 'review-timings.json');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${JSON.stringify({ measuredIn, ...some, without: none }, null, 2)}\n`);
});

test('of fifty changes in a file those near the lines in sight are marked, wherever one scrolls', async () => {
  const [agent] = agents;
  await agent!.read(LONG);
  const every = Array.from({ length: 50 }, (_, at) => at * 20 + 5);
  assert.equal((await agent!.edit(LONG, every.map(changeAt))).tag, 'applied');
  const sent = await watchSentMarks(window, 'keepWorkHere');
  await window.openFile(LONG);
  for (const line of [0, 500, 999]) {
    await window.placeCursor(line, 0);
    const [first, last] = await linesInSight();
    const isInSight = (at: number): boolean => at >= first && at <= last;
    await live.until('what is in sight is marked', () => {
      const marked = new Set(
        sent
          .all()
          .at(-1)
          ?.map(({ firstLine }) => firstLine - 1),
      );
      return every.filter(isInSight).every((at) => marked.has(at));
    });
    const marks = sent.all().at(-1)!;
    assert.ok(every.filter(isInSight).length > 0, 'there is something in sight');
    for (const { firstLine } of marks) {
      const isNear = firstLine - 1 >= first - NEAR_LINES && firstLine - 1 <= last + NEAR_LINES;
      assert.ok(isNear, `line ${firstLine} is marked, in sight are ${first} to ${last}`);
    }
  }
  await sent.stop();
});

/** So that nothing is missing while one scrolls, some lines more are marked. */
const NEAR_LINES = 60;

/** A person types in a file, in which one of ten others writes, too. */
async function typeAmong(workers: readonly AgentSession[], keys = KEYS) {
  await window.placeCursor(20, 0);
  await live.settled();
  const { length } = await changeEventDurationsMs(window);
  const ending = new AbortController();
  const work = workers.map((worker, at) => workUntil(ending.signal, worker, at));
  const stretches = await watchStretches(window);
  await window.type('one two three four '.repeat(100).slice(0, keys), {
    keysPerSecond: KEYS_PER_SECOND,
  });
  const keptMs = (await stretches()).toSorted((a, b) => a - b);
  ending.abort();
  await Promise.all(work);
  await live.settled();
  const updateMs = { p50: at(keptMs, 0.5), p95: at(keptMs, 0.95), most: keptMs.at(-1) };
  return { ...(await changeTimings([window], length)), updateMs };
}

function at(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.floor(sorted.length * share)];
}

/** Writes again and again on a line of a file of its own. */
async function workUntil(signal: AbortSignal, worker: AgentSession, index: number): Promise<void> {
  const file = nameOf(index * 5);
  await delay((index * BETWEEN_EDITS_MS) / AGENTS);
  for (let edit = 0; !signal.aborted; edit++) {
    await worker.read(file);
    const result = await worker.edit(file, [changeAt(lineOf(edit % HUNKS))]);
    assert.equal(result.tag, 'applied', JSON.stringify(result));
    await delay(BETWEEN_EDITS_MS);
  }
}

/** An agent's part of all that waits. */
async function changeFiles(agent: AgentSession, index: number): Promise<void> {
  for (let file = index; file < FILES; file += AGENTS) {
    await agent.read(nameOf(file));
    const changes = Array.from({ length: HUNKS }, (_, hunk) => changeAt(lineOf(hunk)));
    assert.equal((await agent.edit(nameOf(file), changes)).tag, 'applied');
  }
}

let writes = 0;

/** Six digits at the start of a line become others. */
function changeAt(line: number): Changes[number] {
  writes += 1;
  const text = `${900_000 - writes}`;
  return { startLine: line, startCharacter: 0, endLine: line, endCharacter: 6, text };
}

function lineOf(hunk: number): number {
  return 27 + 91 * hunk;
}

async function linesInSight(): Promise<readonly [first: number, last: number]> {
  return window.evaluate((vscode) => {
    const [range] = vscode.window.activeTextEditor!.visibleRanges;
    return [range!.start.line, range!.end.line] as const;
  });
}

function nameOf(file: number): string {
  return `file-${String(file).padStart(2, '0')}.txt`;
}

function textOf(lines: number): string {
  return Array.from(
    { length: lines },
    (_, at) => `${String(at).padStart(6, '0')} is a line\n`,
  ).join('');
}
