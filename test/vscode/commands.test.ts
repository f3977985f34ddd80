// Every command of the palette, by keyboard, in one window; each leaves a picture to look at.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { LiveFolder, notifications, waitUntilBound } from './harness/live-folder.ts';
import { told } from './harness/told.ts';
import type { EditorWindow } from './harness/window.ts';
import { startWorldLeg, type WorldLeg } from './harness/world-leg.ts';

const README = '# Project\n\n<!-- toc -->\n<!-- /toc -->\n\n## First part\n\n## Second part\n';

let live: LiveFolder;
let leg: WorldLeg;
let window: EditorWindow;
let agent: AgentSession;

before(async () => {
  live = await LiveFolder.start({
    files: {
      'README.md': README,
      'notes.md': 'one\ntwo\nthree\n',
      'src/deep/some-sub-module.js': '',
    },
    settings: { 'agentWorld.cursors.labelSeconds': 0 },
  });
  leg = await startWorldLeg(live.home);
  agent = await live.joinAgent('reviewer');
  await showAgent('notes.md', 1);
  window = await live.openWindow(leg.env);
});

after(async () => {
  await leg.proxy.close();
  await live.dispose();
});

test('who comes later sees at once where the others are, and is seen', async () => {
  await window.openFile('notes.md');
  await window.placeCursor(2, 1);
  await window.waitForDecoration('⚙ reviewer · reading');
  const late = await live.joinAgent('late');
  const { fileId } = live.session.view.fileAt('notes.md')!;
  await live.until('the late one knows where the window is', () =>
    [...late.session.view.movements.values()].some(
      (place) => place.fileId === fileId && place.selections[0]?.activeLine === 2,
    ),
  );
  late.session.close();
});

test('who is here: people and agents, and a way to where they are', async () => {
  await window.openFile('README.md');
  await window.runFromPalette('Agent World: Show Who Is Here');
  const list = window.page.locator('.quick-input-list');
  await list.getByText('Ada (you)').waitFor();
  await list.getByText('reviewer').waitFor();
  await window.screenshot('command-who-is-here');
  await window.type('reviewer');
  await window.page.keyboard.press('Enter');
  await window.page.locator('.tab.active').filter({ hasText: 'notes.md' }).waitFor();
});

test('Quick Open finds files of the folder by their names', async () => {
  await window.page.keyboard.press('Control+p');
  await window.type('some-sub');
  const row = window.page.locator('.quick-input-list .monaco-list-row');
  await row.filter({ hasText: 'some-sub-module.js' }).waitFor();
  await window.page.keyboard.press('Escape');
});

test('the verdict of a verification is told, and a verification can be given up', async (t) => {
  t.after(() => (leg.proxy.delayMs = 0));
  // VS Code misses extensions that tests leave out, and says so.
  await window.command('notifications.clearAll');
  leg.proxy.delayMs = NEVER_MS;
  await window.runFromPalette('Agent World: Verify the History');
  const progress = await told(live, window, /Verifying the history of project/);
  await window.screenshot('command-verify-running');
  await progress.getByRole('button', { name: 'Cancel' }).click();
  await progress.waitFor({ state: 'detached' });
  leg.proxy.delayMs = 0;
  leg.proxy.disconnectAll();
  await statusBar('project').waitFor();

  await window.runFromPalette('Agent World: Verify the History');
  await told(live, window, VERDICT);
  await window.screenshot('command-verify');
  // VS Code shows progress for a moment at least, also when it is over.
  await notification('Verifying the history').waitFor({ state: 'detached' });
  const [verdict = '', ...others] = await notifications(window);
  assert.match(verdict, VERDICT);
  assert.deepEqual(others, [], 'nothing is told of the one that was given up');
});

test('the demo agents start, work, and stop', async () => {
  await window.runFromPalette('Agent World: Start the Demo Agents on This Folder');
  await told(live, window, /The demo agents work in this folder/);
  const isHere = () => {
    const { members, presence } = live.session.view;
    const names = [...presence.values()].map(({ identity }) => members.get(identity)?.displayName);
    // The formatter stays away: the folder has no Prettier.
    return names.includes('Indexer');
  };
  await live.until('the index is made', async () =>
    (await live.worldText('README.md')).includes('(#first-part)'),
  );
  assert.ok(isHere());
  await window.screenshot('command-agents');
  await window.command('notifications.clearAll');
  await window.runFromPalette('Agent World: Stop the Demo Agents');
  await live.until('the agent has gone', () => !isHere());
});

for (const theme of ['Default Light Modern', 'Default High Contrast', 'Default Dark Modern']) {
  test(`cursors, names and the menu in the theme ${theme}`, async () => {
    await window.evaluate(
      (vscode, name) =>
        vscode.workspace.getConfiguration('workbench').update('colorTheme', name, true),
      theme,
    );
    await window.openFile('notes.md');
    await window.waitForDecoration('⚙ reviewer · reading');
    await window.runFromPalette('Agent World: Show Commands for This Window');
    await window.page.locator('.quick-input-list').getByText('Leave this world…').waitFor();
    await window.screenshot(`command-menu-${theme.toLowerCase().replaceAll(' ', '-')}`);
    await window.page.keyboard.press('Escape');
  });
}

test('leaving says what stays, and leaves the files as they are', async () => {
  await window.runFromPalette('Agent World: Leave This World…');
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.filter({ hasText: 'All files stay in this folder as they are now.' }).waitFor();
  await window.screenshot('command-leave');
  await dialog.getByRole('button', { name: 'Leave' }).click();
  await statusBar('Agent World').waitFor();
  assert.equal(live.diskText('notes.md'), 'one\ntwo\nthree\n');
  assert.notEqual(live.session.view.fileAt('notes.md'), undefined, 'the world stays too');
  await statusBar('Agent World').click();
  await window.page.locator('.quick-input-list').getByText('Join a world by invite…').waitFor();
  await window.screenshot('command-menu-no-world');
  await window.page.keyboard.press('Escape');
});

test('a folder that was let go is opened in a world again', async () => {
  await window.runFromPalette('Agent World: Open This Folder in a World');
  await told(live, window, /The world has 3 files now\./);
  await waitUntilBound(window);
  await statusBar('project').waitFor();
  await window.screenshot('command-open-folder');
});

const VERDICT = /The history of project: verified \d+ ops, 3 files\./;

/** Longer than any test: what is sent stays on its way. */
const NEVER_MS = 10 * 60_000;

async function showAgent(file: string, line: number): Promise<void> {
  const read = await agent.read(file);
  assert.ok(read.tag === 'text');
  const at = { line, character: 0 };
  await agent.show(read, { start: at, end: at }, 'reading');
}

function notification(message: string | RegExp) {
  const items = window.page.locator('.notifications-center .notification-list-item');
  return items.filter({ hasText: message });
}

function statusBar(text: string) {
  const globe = window.page.locator('.codicon-globe');
  return window.page.locator('.statusbar-item').filter({ hasText: text, has: globe });
}
