// What others do is seen where it happens, is followed when asked for, and takes nobody's tab or focus.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { Crowd } from '../harness/crowd.ts';
import { changeTimings } from './harness/change-timings.ts';
import { changeEventDurationsMs, LiveFolder } from './harness/live-folder.ts';
import { clickRow } from './harness/row-press.ts';
import {
  activeTabs,
  explorerBadge,
  explorerHover,
  hasDecoration,
  topLine,
  waitForFocus,
} from './harness/shown.ts';
import type { EditorWindow } from './harness/window.ts';

const isSoak = process.env['AGENT_WORLD_SOAK'] === '1';
const LINES = 300;
const text = (name: string): string =>
  Array.from({ length: LINES }, (_, line) => `${name} line ${line}\n`).join('');
const FILES = ['notes/one.md', 'notes/two.md', 'three.md', 'mine.md'];
/** 1 MB in lines of about 60 characters. */
const BIG = Array.from(
  { length: 16_000 },
  (_, line) => `Line ${line * 7919} of a text that somebody wrote, of the usual length\n`,
).join('');

let live: LiveFolder;
let window: EditorWindow;
let guide: AgentSession;
let other: AgentSession;

before(async () => {
  const files = Object.fromEntries(FILES.map((file) => [file, text(path.basename(file))]));
  live = await LiveFolder.start({
    files: { ...files, 'big.txt': BIG },
    settings: { 'agentWorld.cursors.labelSeconds': 1, 'explorer.autoReveal': false },
  });
  guide = await live.joinAgent('guide');
  other = await live.joinAgent('other');
  window = await live.openWindow();
});

after(() => live.dispose());

test('files where somebody is have a badge that says who, and folders a dot', async () => {
  await window.command('workbench.view.explorer');
  await goTo(guide, 'three.md', 1, 'tidying');
  await explorerBadge(window, 'three.md', '⚙G');
  await goTo(other, 'three.md', 2, '');
  await explorerBadge(window, 'three.md', '2');
  assert.match(await explorerHover(window, 'three.md'), /Here: ⚙ guide — tidying, ⚙ other/);
  await window.screenshot('presence-badges');
  await other.leave();
  await explorerBadge(window, 'three.md', '⚙G');
  await goTo(guide, 'notes/one.md', 1, 'reading');
  await explorerBadge(window, 'three.md', '');
  await explorerBadge(window, 'notes', 'any');
  await clickRow(
    window.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'notes' }),
  );
  await explorerBadge(window, 'one.md', '⚙G');
});

test('a name fades when its cursor rests, and comes back when it moves', async () => {
  await window.openFile('mine.md');
  await goTo(guide, 'mine.md', 4, 'reading');
  await window.waitForDecoration('⚙ guide · reading');
  await hasDecoration(window, '⚙ guide', false);
  await goTo(guide, 'mine.md', 5, 'reading');
  await window.waitForDecoration('⚙ guide · reading');
});

test('what others do takes no tab and no focus', async () => {
  const before = await activeTabs(window);
  for (const file of FILES) {
    await goTo(guide, file, 200, 'rewriting');
    await guide.replace(file, [{ search: 'line 7\n', replacement: 'line 7, rewritten\n' }]);
  }
  await window.waitFor(
    (vscode, fsPath) =>
      vscode.workspace.textDocuments
        .find((document) => document.uri.fsPath === fsPath)
        ?.getText()
        .includes('rewritten'),
    path.join(window.folder, 'mine.md'),
  );
  assert.deepEqual(await activeTabs(window), before);
  await waitForFocus(window, 'editor');
});

test('an agent is followed through three files, until the user types', async () => {
  await goTo(guide, 'notes/one.md', 3, 'reading');
  await follow();
  await statusBar('Following ⚙ guide').waitFor();
  await shows('one.md', 3);
  await goTo(guide, 'notes/two.md', 250, 'reading');
  await shows('two.md', 250);
  await goTo(guide, 'notes/two.md', 10, 'reading');
  await shows('two.md', 10);
  await goTo(guide, 'three.md', 120, 'comparing');
  await shows('three.md', 120);
  const tabs = await activeTabs(window);
  assert.deepEqual(tabs, ['mine.md', '*three.md (preview)'], 'one preview, beside the own tab');
  await window.screenshot('presence-following');

  await window.page.keyboard.press('Control+1');
  await waitForFocus(window, 'editor');
  await statusBar('Following ⚙ guide').waitFor();
  await window.page.keyboard.type('x');
  await statusBar('Following').waitFor({ state: 'detached' });
  await goTo(guide, 'notes/one.md', 1, 'reading');
  await explorerBadge(window, 'one.md', '⚙G');
  assert.equal((await activeTabs(window)).at(-1), '*three.md', 'what is typed in is no preview');
  await window.page.keyboard.press('Backspace');
  await window.command('workbench.action.files.save');
});

test('scrolling, Escape and another tab end it too; the focus stays where it was', async () => {
  await goTo(guide, 'notes/two.md', 100, 'reading');
  await follow();
  await shows('two.md', 100);
  await window.page.locator('.editor-group-container.active .view-lines').hover();
  while ((await statusBar('Following').count()) > 0) {
    await window.page.mouse.wheel(0, 400);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const scrolledTo = await topLine(window);
  await goTo(guide, 'notes/two.md', 290, 'reading');
  await explorerBadge(window, 'two.md', '⚙G');
  assert.ok((await topLine(window)) <= scrolledTo + 5, 'nobody scrolls on');

  await follow();
  await shows('two.md', 290);
  await window.page.keyboard.press('Escape');
  await statusBar('Following').waitFor({ state: 'detached' });
  await waitForFocus(window, 'editor');

  await follow();
  await statusBar('Following').waitFor();
  await window.page.locator('.tab', { hasText: 'mine.md' }).click();
  await statusBar('Following').waitFor({ state: 'detached' });

  await follow();
  await shows('two.md', 290);
  await window.command('workbench.files.action.focusFilesExplorer');
  await goTo(guide, 'notes/one.md', 10, 'reading');
  await shows('one.md', 10);
  await waitForFocus(window, 'sidebar');
  await window.command('agentWorld.stopFollowing');
  await window.command('workbench.action.focusActiveEditorGroup');
});

test('the user may keep following from opening files', async () => {
  await setting('agentWorld.follow.openFiles', false);
  await window.openFile('mine.md');
  await goTo(guide, 'mine.md', 280, 'reading');
  await follow();
  await shows('mine.md', 280);
  await goTo(guide, 'three.md', 5, 'reading');
  await explorerBadge(window, 'three.md', '⚙G');
  assert.equal((await activeTabs(window)).includes('*mine.md'), true);
  await window.command('agentWorld.stopFollowing');
  await setting('agentWorld.follow.openFiles', true);
});

test('one goes to where somebody is by keyboard', async () => {
  await goTo(guide, 'three.md', 222, 'reading');
  await window.runFromPalette('Agent World: Go to Where Somebody Is…');
  await window.page.locator('.quick-input-list').getByText('guide').waitFor();
  await window.screenshot('presence-go-to');
  await window.page.keyboard.press('Enter');
  await shows('three.md', 222);
  await window.waitForCursor(222, 4);
});

for (const theme of ['Default Light Modern', 'Default High Contrast', 'Default Dark Modern']) {
  test(`cursors, selections and badges in the theme ${theme}`, async () => {
    await setting('workbench.colorTheme', theme);
    await setting('agentWorld.cursors.labelSeconds', 0);
    await window.openFile('mine.md');
    await window.placeCursor(0, 0);
    await goTo(guide, 'mine.md', 3, 'reading', 12);
    await goTo(other, 'mine.md', 6, 'counting', 9);
    await window.waitForDecoration('⚙ guide · reading');
    await window.waitForDecoration('⚙ other · counting');
    await explorerBadge(window, 'mine.md', '2');
    await follow('guide');
    await statusBar('Following ⚙ guide').waitFor();
    await window.screenshot(`presence-${theme.toLowerCase().replaceAll(' ', '-')}`);
    await window.command('agentWorld.stopFollowing');
  });
}

test('fifty cursors that move do not hold up who types in a file of 1 MB', async () => {
  const crowd = await Crowd.join(live.surroundings, live.server, live.session, 50);
  await window.openFile('big.txt');
  await live.settled();
  await window.placeCursor(20, 0);
  const { fileId, version } = live.session.view.fileAt('big.txt')!;
  crowd.moveIn({ fileId, version, lines: 400 });
  await hasDecoration(window, 'member', true);
  const { length } = await changeEventDurationsMs(window);
  const lines = isSoak ? 20 : 4;
  const typed = 'one two three four five six seven eight nine ten\n'.repeat(lines);
  const movesBefore = crowd.moves;
  await window.type(typed, { keysPerSecond: 20 });
  await window.waitFor(
    (vscode, { typed, lines }) => {
      const place = new vscode.Range(20, 0, 20 + lines, 0);
      return vscode.window.activeTextEditor?.document.getText(place) === typed;
    },
    { typed, lines },
  );
  await window.screenshot('presence-crowd');
  assert.ok(crowd.moves - movesBefore > typed.length, 'they moved all the while');
  crowd.leave();
  await live.settled();
  assert.ok((await live.worldText('big.txt')).includes(typed));
  const measured = await changeTimings([window], length);
  assert.ok(measured.changeEvents >= typed.length);
  const timings = {
    measuredIn: 'VS Code in the browser, one window, a file of 1 MB, 50 cursors that move',
    ...measured,
  };
  const file = path.join(projectRoot, 'test-results', 'presence-timings.json');
  fs.writeFileSync(file, `${JSON.stringify(timings, null, 2)}\n`);
});

/** Shows everybody that the agent is at a line, by default without a selection. */
async function goTo(
  agent: AgentSession,
  file: string,
  line: number,
  activity: string,
  selected = 0,
): Promise<void> {
  const read = await agent.read(file);
  assert.ok(read.tag === 'text');
  const start = { line, character: 4 };
  await agent.show(read, { start, end: { line, character: 4 + selected } }, activity);
}

async function follow(name = 'guide'): Promise<void> {
  await window.runFromPalette('Agent World: Follow Somebody…');
  await window.page.locator('.quick-input-list').getByText(name).first().waitFor();
  await window.type(name);
  await window.page.keyboard.press('Enter');
  await window.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
}

/** Waits until the active editor shows a line of a file. */
async function shows(name: string, line: number): Promise<void> {
  await window.waitFor(
    (vscode, { name, line }) => {
      const editor = vscode.window.activeTextEditor;
      return (
        editor?.document.fileName.endsWith(name) &&
        editor.visibleRanges.some((range) => range.contains(new vscode.Position(line, 0)))
      );
    },
    { name, line },
  );
  await window.page.locator('.tab.active').filter({ hasText: name }).waitFor();
}

async function setting(name: string, value: boolean | number | string): Promise<void> {
  await window.evaluate(
    (vscode, { name, value }) => vscode.workspace.getConfiguration().update(name, value, true),
    { name, value },
  );
}

/** What says whom the window follows; not that it no longer does. */
function statusBar(text: string) {
  return window.page.locator('.statusbar-item').filter({ hasText: new RegExp(`^\\W*${text}`) });
}
