// Who wrote what, what it was before, and taking it back: by keys and mouse in one window.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { changeMember } from '../../src/world/change-member.ts';
import { writeNote } from '../../src/world/write-note.ts';
import { LiveFolder } from './harness/live-folder.ts';
import { chooseInMenu } from './harness/row-menu.ts';
import { clickRow } from './harness/row-press.ts';
import { pictureInEveryTheme } from './harness/themes.ts';
import type { EditorWindow } from './harness/window.ts';

const NOTES = '# Notes\n\nplan the week\nbuy bread\ncall home\n';
const BAKERY = 'rye\nwheat\nspelt\n';

let live: LiveFolder;
let window: EditorWindow;

/** Each test has files, agents and checkpoints of its own: none needs another, or what another left. */
const FILES = {
  'authors.md': NOTES,
  'listed.md': BAKERY,
  'opened.md': 'line 1\n',
  'compared.md': BAKERY,
  'played.md': NOTES,
  'notes.md': NOTES,
  'bakery.md': BAKERY,
  'far-notes.md': NOTES,
  'far-bakery.md': BAKERY,
  'tool.md': BAKERY,
  'restored.md': BAKERY,
  'read.md': BAKERY,
};

before(async () => {
  // A row is not to be hidden behind those above it that stay in sight.
  const settings = { 'workbench.tree.enableStickyScroll': false };
  live = await LiveFolder.start({ files: FILES, settings });
  window = await live.openWindow();
});

after(() => live.dispose());

/** What a test left open is closed, a test that failed too. */
beforeEach(async () => {
  // Out of a menu or a dialog, out of a box for a choice, out of the step before that.
  for (let time = 0; time < 3; time += 1) await window.page.keyboard.press('Escape');
  await live.settled();
  await window.command('agentWorld.cancelTakeBack');
  await window.command('agentWorld.hideAuthorship');
  // Nobody is asked whether to save: what was typed is in the world.
  await window.evaluate(async (vscode) => {
    while (vscode.window.tabGroups.all.some(({ tabs }) => tabs.length > 0)) {
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    }
  });
  await window.command('notifications.clearAll');
});

async function replace(
  agent: AgentSession,
  path: string,
  search: string,
  replacement: string,
): Promise<void> {
  await agent.read(path);
  const edited = await agent.replace(path, [{ search, replacement }]);
  assert.equal(edited.tag, 'applied');
}

async function makeCheckpoint(text: string): Promise<void> {
  const { randomBytes } = live.surroundings;
  await writeNote(live.session, { kind: 'checkpoint', to: '', text }, randomBytes);
}

function row(text: string | RegExp) {
  return window.page.locator('.sidebar .monaco-list-row', { hasText: text });
}

/** A row by what it is called for whoever does not see it. */
function named(label: string) {
  return window.page.locator(`.sidebar .monaco-list-row[aria-label*="${label}"]`);
}

/** A line on the right side of a comparison. */
function compared(text: string) {
  return window.page.locator('.editor.modified .view-line').getByText(text, { exact: true });
}

test('who wrote each line is shown beside it, kept in step, and told on hover', async () => {
  const agent = await live.joinAgent('author');
  await window.openFile('authors.md');
  await window.placeCursor(2, 13);
  await window.type(' well');
  const isTyped = async () => (await live.worldText('authors.md')).includes('week well\n');
  await live.until('what was typed is in the world', isTyped);
  await replace(agent, 'authors.md', 'buy bread', 'bake bread\nsell bread');
  await live.settled();
  await window.runFromPalette('Agent World: Show Who Wrote Each Line');
  await authored('import ·');
  await authored('you +1 ·');
  await authored('⚙ author');
  await pictureInEveryTheme(window, 'history-authors');
  await replace(agent, 'authors.md', 'call home', 'call the mill');
  await authored('⚙ author +1 ·');
  const hover = (text: string) => window.page.locator('.monaco-hover', { hasText: text });
  await window.page.getByText('sell bread').hover({ position: { x: 10, y: 8 } });
  await hover('author (agent) · just now')
    .getByText(/op \d+/)
    .waitFor();
  await window.screenshot('history-hover');
  await hover('author (agent)')
    .getByText(/op \d+/)
    .click();
  await compared('sell bread').waitFor();
  await window.page.keyboard.press('Escape');
  await window.command('workbench.action.closeActiveEditor');
  await window.command('agentWorld.hideAuthorship');
  await authored('import ·', false);
});

test('the history is listed newest first, and what each entry changed is shown', async () => {
  const agent = await live.joinAgent('lister');
  await makeCheckpoint('before listing');
  await replace(agent, 'listed.md', 'wheat', 'WHEAT');
  await showHistory();
  await named('checkpoint “before listing”').waitFor();
  await row(/lister · .* · edited line 2/).waitFor();
  const label = await row(/lister · .* · edited line 2/).getAttribute('aria-label');
  assert.match(label ?? '', /lister, edited line 2, listed\.md, just now/);
  await pictureInEveryTheme(window, 'history-list');
  await clickRow(row(/lister · .* · edited line 2/));
  await compared('WHEAT').waitFor();
  await window.screenshot('history-diff');
  await showHistory(agent.session.identity);
  await named('checkpoint “before listing”').waitFor({ state: 'detached' });
  await row(/lister · .* · edited line 2/).waitFor();
});

test('an entry that was opened stays open while its member goes on', async () => {
  await window.openFile('opened.md');
  await window.placeCursor(0, 0);
  await window.type('a');
  await live.untilText('opened.md', 'aline 1\n');
  await window.type('b');
  await live.untilText('opened.md', 'abline 1\n');
  await showHistory(live.session.identity);
  const entry = named('edited line 1 (2 steps), opened.md');
  const ops = named('edited line 1, opened.md').and(window.page.locator('[aria-level="2"]'));
  await clickRow(entry.locator('.monaco-tl-twistie'));
  await ops.nth(1).waitFor();
  assert.equal(await ops.count(), 2);
  await window.openFile('opened.md');
  await window.type('c');
  await named('edited line 1 (3 steps), opened.md').waitFor();
  await ops.nth(2).waitFor();
});

test('all files are compared with a checkpoint, by a click on it wherever it is listed', async () => {
  const agent = await live.joinAgent('comparer');
  await makeCheckpoint('before comparing');
  await replace(agent, 'compared.md', 'wheat', 'WHEAT');
  await showHistory();
  await clickRow(named('checkpoint “before comparing”'));
  await compared('WHEAT').waitFor();
  await window.closeAllEditors();
  await window.command('agentWorld.notes.focus');
  await clickRow(named('Checkpoint before comparing'));
  await compared('WHEAT').waitFor();
  await window.screenshot('history-checkpoint');
});

test('a file is played back step by step, and a range of it restored', async () => {
  const agent = await live.joinAgent('player');
  await replace(live.person(), 'played.md', 'the week', 'the week well');
  await replace(agent, 'played.md', 'buy bread', 'bake bread\nsell bread');
  await replace(agent, 'played.md', 'call home', 'call the mill');
  await window.openFile('played.md');
  await live.settled();
  await window.runFromPalette('Agent World: Play This File’s History Back');
  await lens(/Step 1 of \d+ · Ada \(you\) brought the file in/);
  await window.page.keyboard.press('Space');
  await lens(/Step (\d+) of \1 ·/);
  assert.equal(await window.editorText(), await live.worldText('played.md'));
  while (!(await window.editorText()).includes('buy bread')) {
    const at = await lens(/Step \d+ of/);
    await window.page.keyboard.press('Alt+ArrowLeft');
    await lens(new RegExp(`Step ${Number(/\d+/.exec(at)) - 1} of`));
  }
  await lens(/Ada \(you\) edited line 3/);
  await window.page.keyboard.press('Alt+ArrowRight');
  await lens(/player edited lines 4–5/);
  await pictureInEveryTheme(window, 'history-playback');
  await window.page.keyboard.press('Alt+ArrowLeft');
  await lens(/Ada \(you\) edited line 3/);
  // The line that the agent made two of.
  await window.placeCursor(3, 0);
  await window.page.keyboard.press('Shift+End');
  await window.runFromPalette('Agent World: Restore the Selected Lines to an Earlier Version…');
  const restored = '# Notes\n\nplan the week well\nbuy bread\ncall the mill\n';
  await window.waitForText('played.md', restored);
  await live.untilText('played.md', restored);
  await window.openFile('played.md');
  await window.page.keyboard.press('Control+z');
  await window.waitForText('played.md', restored.replace('buy bread', 'bake bread\nsell bread'));
  await window.page.keyboard.press('Control+y');
  await window.waitForText('played.md', restored);
});

test('one agent’s work is taken back in part: what somebody built on it stays', async () => {
  const agent = await live.joinAgent('baker');
  await makeCheckpoint('before baking');
  await replace(agent, 'bakery.md', 'wheat', 'WHEAT');
  await replace(agent, 'bakery.md', 'spelt', 'spelt\nthe baker’s own');
  await replace(agent, 'notes.md', '# Notes', '# Notes of a baker');
  await replace(agent, 'notes.md', 'buy bread', 'buy flour');
  await window.openFile('bakery.md');
  await live.settled();
  await window.placeCursor(3, 11);
  await window.type(' very');
  const isTyped = async () => (await live.worldText('bakery.md')).includes('very own');
  await live.until('what was typed is in the world', isTyped);
  await reviewTakeBack(window, { offered: 'baker', typed: 'baker', since: 'before baking' });
  await row('you) built on it').waitFor();
  await row('“WHEAT” → “wheat”').waitFor();
  // Both files, one below the other.
  await window.page.locator('.multiDiffEditor .view-line', { hasText: 'flour' }).waitFor();
  await pictureInEveryTheme(window, 'history-take-back');
  await clickRow(row('“flour” → “bread”').locator('.custom-view-tree-node-item-checkbox'));
  await row(/notes\.md\s*1 of 2/).waitFor();
  await window.page.getByRole('button', { name: 'Take Back What Is Chosen' }).click();
  await live.untilText('bakery.md', 'rye\nwheat\nspelt\nthe baker’s very own\n');
  await live.untilText('notes.md', NOTES.replace('buy bread', 'buy flour'));
  await window.page.getByText(/The chosen work of .*baker is taken back/).waitFor();
});

test('a review has all its rows also where the window is far from its files, and keeps them when one is chosen', async () => {
  const agent = await live.joinAgent('miller');
  await makeCheckpoint('before milling');
  await replace(agent, 'far-bakery.md', 'wheat', 'WHEAT');
  await replace(agent, 'far-bakery.md', 'spelt', 'spelt\nthe miller’s own');
  await replace(agent, 'far-notes.md', '# Notes', '# Notes of a miller');
  await replace(agent, 'far-notes.md', 'buy bread', 'buy flour');
  await replace(live.person(), 'far-bakery.md', 'miller’s own', 'miller’s very own');
  const far = await live.openWindow();
  const rows = far.page.locator('.sidebar .monaco-list-row');
  const isRow = (text: string | RegExp) => rows.filter({ hasText: text });
  // VS Code reads a tree that comes into sight level by level, each a way there and back.
  far.extensionHostLeg.delayMs = 150;
  await reviewTakeBack(far, { offered: 'miller', typed: 'miller', since: 'before milling' });
  await isRow('“WHEAT” → “wheat”').waitFor();
  await isRow('you) built on it').waitFor();
  await isRow('of Ada (you), too').waitFor();
  await isRow('of a miller').waitFor();
  await isRow('“flour” → “bread”').waitFor();
  await clickRow(isRow('“flour” → “bread”').locator('.custom-view-tree-node-item-checkbox'));
  await isRow(/far-notes\.md\s*1 of 2/).waitFor();
  assert.equal(await rows.count(), 7);
  assert.equal(await rows.locator('.codicon-check').count(), 2);
  await far.close();
});

test('what a tool wrote to the disk is nobody’s: told beside its lines, and taken back like any work', async () => {
  await window.openFile('tool.md');
  live.write('tool.md', `${live.diskText('tool.md')}barley\n`);
  await window.waitForText('tool.md', `${BAKERY}barley\n`);
  await window.runFromPalette('Agent World: Show Who Wrote Each Line');
  await authored('unattributed · just now');
  await reviewTakeBack(window, {
    offered: 'what tools wrote',
    typed: 'unattributed',
    since: 'Everything',
  });
  await row('remove “barley”').waitFor();
  await window.page.getByRole('button', { name: 'Take Back What Is Chosen' }).click();
  await live.untilText('tool.md', BAKERY);
});

test('all files go back to a checkpoint, from its menu and after a question', async () => {
  const agent = await live.joinAgent('restorer');
  await makeCheckpoint('before restoring');
  await replace(agent, 'restored.md', 'wheat', 'WHEAT');
  live.write('made-since.md', 'new\n');
  await live.until(
    'the world has it',
    () => live.session.view.fileAt('made-since.md') !== undefined,
  );
  await window.command('agentWorld.notes.focus');
  const item = 'Restore All Files to a Checkpoint…';
  await chooseInMenu(window, named('Checkpoint before restoring'), item);
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog
    .filter({ hasText: 'Make all files what they were at “before restoring”?' })
    .waitFor();
  await window.screenshot('history-restore-all');
  await dialog.getByRole('button', { name: 'Restore All Files' }).click();
  await live.untilText('restored.md', BAKERY);
  await live.until('a file made since is gone', () => !live.session.view.fileAt('made-since.md'));
  await window.page.getByText('All files are as they were at “before restoring”.').waitFor();
});

test('who may only read is told before anything is restored or taken back', async (t) => {
  const agent = await live.joinAgent('second-owner');
  const { view } = live.session;
  const roleOf = (identity: string) => agent.session.view.members.get(identity)?.role;
  await changeMember(live.session, view.members.get(agent.session.identity)!, { role: 'owner' });
  await live.until('there is another owner', () => roleOf(agent.session.identity) === 'owner');
  const self = agent.session.view.members.get(live.session.identity)!;
  await changeMember(agent.session, self, { role: 'viewer' });
  t.after(() => changeMember(agent.session, self, { role: 'owner' }));
  await live.until(
    'the window may only read',
    () => view.members.get(self.identity)?.role === 'viewer',
  );
  await window.openFile('read.md');
  for (const title of ['Restore This File to an Earlier Version…', 'Take Back a Member’s Work…']) {
    await window.command('notifications.clearAll');
    await window.runFromPalette(`Agent World: ${title}`);
    await window.page.getByText('You may read this world, but not change it.').waitFor();
  }
  await showHistory();
  await row(/second-owner/)
    .first()
    .waitFor();
});

/** Shows the history of the world, or what one member did, from its newest entry. */
async function showHistory(member?: string): Promise<void> {
  await window.command('agentWorld.showHistory');
  if (member !== undefined) await window.command('agentWorld.filterHistory', `member ${member}`);
  const part = member === undefined ? /^project$/ : /^project · /;
  await window.page.locator('.pane-header .description', { hasText: part }).waitFor();
  // Another test may have scrolled it.
  await window.command('list.focusFirst');
}

/** What stands above the text of a playback, once it reads so. */
async function lens(text: RegExp): Promise<string> {
  const found = window.page.locator('.codelens-decoration', { hasText: text });
  await found.waitFor();
  return (await found.textContent()) ?? '';
}

/** Waits until some line begins with a mark that reads so, or none does. */
async function authored(text: string, isShown = true): Promise<void> {
  const shows = (wanted: { readonly text: string; readonly isShown: boolean }): boolean => {
    const page = globalThis as unknown as {
      readonly document: { querySelectorAll(selector: string): Iterable<object> };
      getComputedStyle(element: object, pseudo: string): { readonly content: string };
    };
    const spans = [...page.document.querySelectorAll('.view-line span')];
    const isThere = spans.some((span) =>
      page
        .getComputedStyle(span, '::before')
        .content.replaceAll('\u00a0', ' ')
        .includes(wanted.text),
    );
    return isThere === wanted.isShown;
  };
  await window.page.waitForFunction(shows, { text, isShown }, { timeout: 30_000 });
}

/** Asks for the review by keys: of whom, and since when. */
async function reviewTakeBack(
  at: EditorWindow,
  wanted: { readonly offered: string; readonly typed: string; readonly since: string },
): Promise<void> {
  const { offered, typed, since } = wanted;
  await at.runFromPalette('Agent World: Take Back a Member’s Work…');
  await choose(at, offered, typed);
  await choose(at, since, since);
}

/** Types what leads to an entry, once one with that text is offered. */
async function choose(at: EditorWindow, offered: string, typed: string): Promise<void> {
  await at.page.locator('.quick-input-list', { hasText: offered }).waitFor();
  await at.type(typed);
  await at.page.keyboard.press('Enter');
}
