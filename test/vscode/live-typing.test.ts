import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { changeTimings } from './harness/change-timings.ts';
import { LiveFolder, notifications } from './harness/live-folder.ts';
import type { EditorWindow } from './harness/window.ts';
import { startWorldLeg, type WorldLeg } from './harness/world-leg.ts';

const isSoak = process.env['AGENT_WORLD_SOAK'] === '1';
const KEYS_PER_SECOND = 20;

interface Run {
  readonly place: 'different lines' | 'the same line';
  readonly extensionHostMs: number;
  readonly worldMs: number;
}

const DELAYS_MS = [0, 30, 100];
const allRuns: readonly Run[] = DELAYS_MS.flatMap((extensionHostMs) =>
  DELAYS_MS.flatMap((worldMs) =>
    (['different lines', 'the same line'] as const).map((place) => ({
      place,
      extensionHostMs,
      worldMs,
    })),
  ),
);
const someRuns: readonly Run[] = [
  { place: 'different lines', extensionHostMs: 0, worldMs: 0 },
  { place: 'the same line', extensionHostMs: 0, worldMs: 100 },
  { place: 'the same line', extensionHostMs: 30, worldMs: 30 },
  { place: 'different lines', extensionHostMs: 100, worldMs: 100 },
  { place: 'the same line', extensionHostMs: 100, worldMs: 0 },
];

const LETTERS = 'abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz'.slice(0, 48);
const DIGITS = '012345678901234567890123456789012345678901234567';

let live: LiveFolder;
let leg: WorldLeg;
let windows: readonly [EditorWindow, EditorWindow];
let agent: AgentSession;

before(async () => {
  const files = Object.fromEntries(
    allRuns.map((run) => [fileOf(run), 'top\n[left|right]\nbelow\nagent: \n']),
  );
  live = await LiveFolder.start({ files, settings: { 'files.autoSave': 'off' } });
  leg = await startWorldLeg(live.home);
  agent = await live.joinAgent('formatter');
  windows = await Promise.all([live.openWindow(leg.env), live.openWindow(leg.env)]);
});

after(async () => {
  await live.dispose();
  await leg.proxy.close();
});

for (const run of isSoak ? allRuns : someRuns) {
  const delays = `${run.extensionHostMs} ms to the extension host, ${run.worldMs} ms to the world`;
  test(`S5: every key of two windows on ${run.place} is there once, in order; ${delays}`, async () => {
    await typeInBoth(run);
  });
}

async function typeInBoth(run: Run): Promise<void> {
  const file = fileOf(run);
  const [left, right] = windows;
  await Promise.all([left.openFile(file), right.openFile(file)]);
  const isSameLine = run.place === 'the same line';
  await left.placeCursor(isSameLine ? 1 : 0, isSameLine ? 5 : 3);
  await right.placeCursor(isSameLine ? 1 : 2, isSameLine ? 6 : 0);
  setDelays(run);
  const ending = new AbortController();
  const company = [
    ...windows.map((window) => saveAgainAndAgain(window, ending.signal)),
    editAgainAndAgain(file, ending.signal),
  ];
  await Promise.all([
    left.type(LETTERS, { keysPerSecond: KEYS_PER_SECOND }),
    right.type(DIGITS, { keysPerSecond: KEYS_PER_SECOND }),
  ]);
  ending.abort();
  const [, , agentEdits] = await Promise.all(company);
  setDelays({ extensionHostMs: 0, worldMs: 0 });
  // The windows can say what is settled only of keys that have reached their extension hosts.
  await Promise.all([
    untilTyped(left, { line: isSameLine ? 1 : 0, kind: '[a-z]', typed: LETTERS }),
    untilTyped(right, { line: isSameLine ? 1 : 2, kind: '[0-9]', typed: DIGITS }),
  ]);
  await live.settled();
  await Promise.all(windows.map((window) => window.command('workbench.action.files.save')));

  const world = await live.worldText(file);
  assert.equal(only(world, /[a-z]/, isSameLine ? 1 : 0).includes(LETTERS), true, world);
  assert.equal(only(world, /[0-9]/, isSameLine ? 1 : 2), DIGITS, world);
  assert.equal(world.split('\n')[3], `agent: ${'*'.repeat(agentEdits ?? 0)}`);
  for (const window of windows) await window.waitForText(file, world);
  await live.until('the disk has the text', () => live.diskText(file) === world);
  for (const window of windows) {
    assert.deepEqual(
      (await notifications(window)).filter((message) => /newer|Failed to save/i.test(message)),
      [],
    );
  }
  assert.equal(live.session.view.tickets.size, 0, 'nothing overlapped, so nothing is in a ticket');
  await left.screenshot(`live-${file.replace('.txt', '')}`);
}

test('two windows and an agent leave a history that verifies, and change events that are short', async () => {
  const verdict = await live.verify();
  assert.equal(verdict.tag, 'verified');
  const measured = await changeTimings(windows);
  const activationMs = await activationTimesMs();
  const timings = {
    measuredIn: 'VS Code in the browser, two windows on one machine, while tests ran',
    ...measured,
    activationMs,
  };
  const file = path.join(projectRoot, 'test-results', 'editor-timings.json');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${JSON.stringify(timings, null, 2)}\n`);
  assert.ok(measured.changeEvents > 100, 'the events were measured');
});

/** What VS Code itself reports of loading and activating the extension, in each window. */
async function activationTimesMs(): Promise<readonly number[]> {
  return Promise.all(
    windows.map(async (window) => {
      await window.command('workbench.action.showRuntimeExtensions');
      const row = window.page.locator('.runtime-extensions-editor .monaco-list-row', {
        has: window.page.locator('.name', { hasText: /^Agent World$/ }),
      });
      const text = await row.locator('.activation-time').innerText();
      await window.command('workbench.action.closeActiveEditor');
      return Number(/(\d+)\s*ms/.exec(text)?.[1]);
    }),
  );
}

/** Waits until the extension host of a window has all that was typed there. */
async function untilTyped(
  window: EditorWindow,
  typed: { readonly line: number; readonly kind: string; readonly typed: string },
): Promise<void> {
  await window.waitFor((vscode, { line, kind, typed }) => {
    const { text } = vscode.window.activeTextEditor!.document.lineAt(line);
    const found = (text.match(new RegExp(kind, 'g')) ?? []).join('');
    return found.includes(typed);
  }, typed);
}

function setDelays({ extensionHostMs, worldMs }: Omit<Run, 'place'>): void {
  for (const window of windows) window.extensionHostLeg.delayMs = extensionHostMs;
  leg.proxy.delayMs = worldMs;
}

async function saveAgainAndAgain(window: EditorWindow, signal: AbortSignal): Promise<number> {
  let saves = 0;
  while (!signal.aborted) {
    await window.command('workbench.action.files.save');
    saves += 1;
  }
  return saves;
}

/** An agent appends to a line of its own, as fast as it gets its answers. */
async function editAgainAndAgain(file: string, signal: AbortSignal): Promise<number> {
  let edits = 0;
  while (!signal.aborted) {
    const read = await agent.read(file);
    assert.equal(read.tag, 'text');
    const place = { startLine: 3, startCharacter: 7, endLine: 3, endCharacter: 7 };
    const at = { line: 3, character: 7 };
    if (edits === 0 && read.tag === 'text') {
      await agent.show(read, { start: at, end: at }, 'counting stars', true);
    }
    const result = await agent.edit(file, [{ ...place, text: '*' }]);
    if (result.tag === 'applied') edits += 1;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return edits;
}

function fileOf({ place, extensionHostMs, worldMs }: Run): string {
  return `${place.replaceAll(' ', '-')}-${extensionHostMs}-${worldMs}.txt`;
}

function only(text: string, characters: RegExp, line: number): string {
  return [...text.split('\n')[line]!].filter((character) => characters.test(character)).join('');
}
