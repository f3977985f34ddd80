// Who wrote what, what it was before, and taking it back: by keys and mouse in one window.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { changeMember } from '../../src/world/change-member.ts';
import { writeNote } from '../../src/world/write-note.ts';
import { LiveFolder } from './harness/live-folder.ts';
import { pictureInEveryTheme } from './harness/themes.ts';
import type { EditorWindow } from './harness/window.ts';

const NOTES = '# Notes\n\nplan the week\nbuy bread\ncall home\n';
const BAKERY = 'rye\nwheat\nspelt\n';

let live: LiveFolder;
let window: EditorWindow;
let agent: AgentSession;

before(async () => {
  live = await LiveFolder.start({ files: { 'notes.md': NOTES, 'bakery.md': BAKERY } });
  agent = await live.joinAgent('baker');
  window = await live.openWindow();
  await window.openFile('notes.md');
  await live.settled();
});

after(() => live.dispose());

async function replace(path: string, search: string, replacement: string): Promise<void> {
  await agent.read(path);
  const edited = await agent.replace(path, [{ search, replacement }]);
  assert.equal(edited.tag, 'applied');
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
  await window.placeCursor(2, 13);
  await window.type(' well');
  const isTyped = async () => (await live.worldText('notes.md')).includes('week well\n');
  await live.until('what was typed is in the world', isTyped);
  await replace('notes.md', 'buy bread', 'bake bread\nsell bread');
  await live.settled();
  await window.runFromPalette('Agent World: Show Who Wrote Each Line');
  await authored('import ·');
  await authored('you +1 ·');
  await authored('⚙ baker');
  await pictureInEveryTheme(window, 'history-authors');
  await replace('notes.md', 'call home', 'call the mill');
  await authored('⚙ baker +1 ·');
  const hover = (text: string) => window.page.locator('.monaco-hover', { hasText: text });
  await window.page.getByText('sell bread').hover({ position: { x: 10, y: 8 } });
  await hover('baker (agent) · just now')
    .getByText(/op \d+/)
    .waitFor();
  await window.screenshot('history-hover');
  await hover('baker (agent)')
    .getByText(/op \d+/)
    .click();
  await compared('sell bread').waitFor();
  await window.page.keyboard.press('Escape');
  await window.command('workbench.action.closeActiveEditor');
  await window.command('agentWorld.hideAuthorship');
  await authored('import ·', false);
});

test('the history is listed newest first, and what each entry changed is shown', async () => {
  await writeNote(
    live.session,
    { kind: 'checkpoint', to: '', text: 'before baking' },
    live.surroundings.randomBytes,
  );
  await replace('bakery.md', 'wheat', 'WHEAT');
  await window.command('agentWorld.showHistory');
  await named('checkpoint “before baking”').waitFor();
  await row(/baker · .* · edited line 2/).waitFor();
  const label = await row(/baker · .* · edited line 2/).getAttribute('aria-label');
  assert.match(label ?? '', /baker, edited line 2, bakery\.md, just now/);
  await pictureInEveryTheme(window, 'history-list');
  await row(/baker · .* · edited line 2/).click();
  await compared('WHEAT').waitFor();
  await window.screenshot('history-diff');
  await window.command('agentWorld.filterHistory', `member ${agent.session.identity}`);
  await named('checkpoint “before baking”').waitFor({ state: 'detached' });
  await row(/baker · .* · edited line 2/).waitFor();
  await window.command('workbench.action.closeAllEditors');
});

test('all files are compared with a checkpoint, by a click on it wherever it is listed', async () => {
  await window.command('agentWorld.showHistory');
  await named('checkpoint “before baking”').click();
  await compared('WHEAT').waitFor();
  await window.command('workbench.action.closeAllEditors');
  await named('Checkpoint before baking').click();
  await compared('WHEAT').waitFor();
  await window.screenshot('history-checkpoint');
  await window.command('workbench.action.closeAllEditors');
});

test('a file is played back step by step, and a range of it restored', async () => {
  await window.openFile('notes.md');
  await window.runFromPalette('Agent World: Play This File’s History Back');
  await lens(/Step 1 of \d+ · Ada \(you\) brought the file in/);
  await window.page.keyboard.press('Space');
  await lens(/Step (\d+) of \1 ·/);
  assert.equal(await window.editorText(), await live.worldText('notes.md'));
  while (!(await window.editorText()).includes('buy bread')) {
    const at = await lens(/Step \d+ of/);
    await window.page.keyboard.press('Alt+ArrowLeft');
    await lens(new RegExp(`Step ${Number(/\d+/.exec(at)) - 1} of`));
  }
  await lens(/Ada \(you\) edited line 3/);
  await window.page.keyboard.press('Alt+ArrowRight');
  await lens(/baker edited lines 4–5/);
  await pictureInEveryTheme(window, 'history-playback');
  await window.page.keyboard.press('Alt+ArrowLeft');
  await lens(/Ada \(you\) edited line 3/);
  // The line that the agent made two of.
  await window.placeCursor(3, 0);
  await window.page.keyboard.press('Shift+End');
  await window.runFromPalette('Agent World: Restore the Selected Lines to an Earlier Version…');
  const restored = '# Notes\n\nplan the week well\nbuy bread\ncall the mill\n';
  await window.waitForText('notes.md', restored);
  await live.until('the world has it', async () => (await live.worldText('notes.md')) === restored);
  await window.openFile('notes.md');
  await window.page.keyboard.press('Control+z');
  await window.waitForText('notes.md', restored.replace('buy bread', 'bake bread\nsell bread'));
  await window.page.keyboard.press('Control+y');
  await window.waitForText('notes.md', restored);
  await window.command('workbench.action.closeAllEditors');
});

test('one agent’s work is taken back in part: what somebody built on it stays', async () => {
  await replace('bakery.md', 'spelt', 'spelt\nthe baker’s own');
  await replace('notes.md', '# Notes', '# Notes of a baker');
  await replace('notes.md', 'buy bread', 'buy flour');
  await window.openFile('bakery.md');
  await window.placeCursor(3, 11);
  await window.type(' very');
  const isTyped = async () => (await live.worldText('bakery.md')).includes('very own');
  await live.until('what was typed is in the world', isTyped);
  await reviewTakeBack({ offered: 'baker', typed: 'baker', since: 'before baking' });
  await row('you) built on it').waitFor();
  await row('“WHEAT” → “wheat”').waitFor();
  // Both files, one below the other.
  await window.page.locator('.multiDiffEditor .view-line', { hasText: 'flour' }).waitFor();
  await pictureInEveryTheme(window, 'history-take-back');
  await row('“flour” → “bread”').locator('.custom-view-tree-node-item-checkbox').click();
  await row(/notes\.md\s*1 of 2/).waitFor();
  await window.page.getByRole('button', { name: 'Take Back What Is Chosen' }).click();
  const rest = 'rye\nwheat\nspelt\nthe baker’s very own\n';
  await live.until('the world has it', async () => (await live.worldText('bakery.md')) === rest);
  const notes = '# Notes\n\nplan the week well\nbuy flour\ncall the mill\n';
  assert.equal(await live.worldText('notes.md'), notes);
  await window.page.getByText(/The chosen work of .*baker is taken back/).waitFor();
});

test('what a tool wrote to the disk is nobody’s: told beside its lines, and taken back like any work', async () => {
  await window.command('workbench.action.files.saveAll');
  await window.command('workbench.action.closeAllEditors');
  await window.openFile('bakery.md');
  live.write('bakery.md', `${live.diskText('bakery.md')}barley\n`);
  await window.waitForText('bakery.md', 'rye\nwheat\nspelt\nthe baker’s very own\nbarley\n');
  await window.runFromPalette('Agent World: Show Who Wrote Each Line');
  await authored('unattributed · just now');
  await reviewTakeBack({ offered: 'what tools wrote', typed: 'unattributed', since: 'Everything' });
  await row('remove “barley”').waitFor();
  await window.page.getByRole('button', { name: 'Take Back What Is Chosen' }).click();
  await live.untilText('bakery.md', 'rye\nwheat\nspelt\nthe baker’s very own\n');
});

test('all files go back to a checkpoint, from its menu and after a question', async () => {
  live.write('made-since.md', 'new\n');
  await live.until(
    'the world has it',
    () => live.session.view.fileAt('made-since.md') !== undefined,
  );
  await window.command('agentWorld.notes.focus');
  await named('Checkpoint before baking').click({ button: 'right' });
  const menu = window.page.locator('.context-view');
  await menu.getByText('Restore All Files to a Checkpoint…').waitFor();
  await window.page.keyboard.press('ArrowUp');
  await window.page.keyboard.press('ArrowUp');
  await menu.locator('.action-item.focused').getByText('Restore All Files').waitFor();
  await window.page.keyboard.press('Enter');
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.filter({ hasText: 'Make all files what they were at “before baking”?' }).waitFor();
  await window.screenshot('history-restore-all');
  await dialog.getByRole('button', { name: 'Restore All Files' }).click();
  await live.untilText('bakery.md', BAKERY);
  await live.until('a file made since is gone', () => !live.session.view.fileAt('made-since.md'));
  await window.page.getByText('All files are as they were at “before baking”.').waitFor();
});

test('who may only read is told before anything is restored or taken back', async () => {
  const { view } = live.session;
  await changeMember(live.session, view.members.get(agent.session.identity)!, { role: 'owner' });
  await live.until(
    'there is another owner',
    () => agent.session.view.members.get(agent.session.identity)?.role === 'owner',
  );
  const self = agent.session.view.members.get(live.session.identity)!;
  await changeMember(agent.session, self, { role: 'viewer' });
  await live.until(
    'the window may only read',
    () => view.members.get(self.identity)?.role === 'viewer',
  );
  await window.openFile('notes.md');
  for (const title of ['Restore This File to an Earlier Version…', 'Take Back a Member’s Work…']) {
    await window.command('notifications.clearAll');
    await window.runFromPalette(`Agent World: ${title}`);
    await window.page.getByText('You may read this world, but not change it.').waitFor();
  }
  await window.command('agentWorld.showHistory');
  await row(/baker/).first().waitFor();
});

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
async function reviewTakeBack(wanted: {
  readonly offered: string;
  readonly typed: string;
  readonly since: string;
}): Promise<void> {
  const { offered, typed, since } = wanted;
  await window.runFromPalette('Agent World: Take Back a Member’s Work…');
  await choose(offered, typed);
  await choose(since, since);
}

/** Types what leads to an entry, once one with that text is offered. */
async function choose(offered: string, typed: string): Promise<void> {
  await window.page.locator('.quick-input-list', { hasText: offered }).waitFor();
  await window.type(typed);
  await window.page.keyboard.press('Enter');
}
