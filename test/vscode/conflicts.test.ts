import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type * as vscode from 'vscode';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { pressLens } from './harness/lens-press.ts';
import { keysKnown, LiveFolder, waitUntilBound } from './harness/live-folder.ts';
import { clickRow } from './harness/row-press.ts';
import { pictureInEveryTheme } from './harness/themes.ts';
import { stopDrawing, watchLenses } from './harness/undrawn.ts';
import { told, untilTold } from './harness/told.ts';
import { viewRow } from './harness/view-rows.ts';
import type { EditorWindow } from './harness/window.ts';
import { startWorldLeg, type WorldLeg } from './harness/world-leg.ts';

const BEFORE = 'intro\nthe quick fox\noutro\n';

const FILES = [
  'head.md',
  'mine.md',
  'panel.md',
  'kept.md',
  'merged.md',
  'closed.md',
  'first.md',
  'here.md',
  'there.md',
  'second.md',
  'third.md',
  'long.md',
  'together.md',
  'undrawn.md',
  'typed.md',
];

let live: LiveFolder;
let leg: WorldLeg;
let window: EditorWindow;
let agent: AgentSession;
let person: AgentSession;

before(async () => {
  live = await LiveFolder.start({
    files: Object.fromEntries(FILES.map((file) => [file, BEFORE])),
  });
  person = live.person();
  agent = await live.joinAgent('rewriter');
  leg = await startWorldLeg(live.home);
  window = await live.openWindow(leg.env);
});

after(async () => {
  await leg.proxy.close();
  await live.dispose();
});

test('conflicts are counted and listed in groups, with who, why and where', async () => {
  await conflict('head.md', person, agent);
  await conflict('mine.md', agent, person);
  await window.command('agentWorld.conflicts.focus');
  await row('head.md').waitFor();
  await row('“sly”').first().waitFor();
  const label = await row('“sly”').first().getAttribute('aria-label');
  assert.match(label ?? '', /“sly”.*you.*head\.md.*line 2.*same text/);
  await window.screenshot('conflicts-by-file');
  await window.command('agentWorld.conflictsByMember');
  await row('rewriter').waitFor();
  await window.command('agentWorld.conflictsByAge');
  await row('In the last hour').waitFor();
  await window.command('agentWorld.conflictsByFile');
  // Rows that still move are not to be clicked.
  await row('In the last hour').waitFor({ state: 'detached' });
  await row('“sly”').nth(1).waitFor();
});

test('a conflict is opened at its place and decided there, also that of somebody else', async () => {
  const [first] = live.session.view.tickets.values();
  await row('head.md').waitFor();
  await clickRow(row('“sly”').first());
  await window.page.locator('.codelens-decoration', { hasText: 'Keep theirs' }).waitFor();
  await window.screenshot('conflict-at-its-place');
  await pressLens(window.page, 'Keep theirs');
  await untilLeft(1);
  await window.command('agentWorld.goToConflict');
  await pressLens(window.page, 'Apply the edit');
  await untilLeft(0);
  assert.equal(await live.worldText('mine.md'), 'intro\nthe sly fox\noutro\n');
  // With nothing to decide there is no view of it.
  const title = window.page.locator('.pane-header .title', { hasText: /^Conflicts$/ });
  await title.waitFor({ state: 'detached' });
  await window.screenshot('conflicts-none');
  // What was decided is still shown for a moment, and may be clicked.
  await window.command('agentWorld.resolveRefusedEdit', { refusedId: `ticket-${first!.ticketId}` });
  await window.page.getByText('This edit waits no more').waitFor();
});

test('keys go to the next and the previous conflict, also of another file, and decide it there', async () => {
  await conflict('here.md', person, agent);
  await conflict('there.md', agent, person);
  await window.openFile('typed.md');
  await pressed('M', 'here.md');
  await pressed('M', 'there.md');
  await pressed('V', 'here.md');
  await window.page.keyboard.press('Control+Alt+Shift+K');
  await untilLeft(1);
  await pressed('M', 'there.md');
  await window.page.keyboard.press('Control+Alt+Shift+A');
  await untilLeft(0);
  assert.equal(await live.worldText('here.md'), 'intro\nthe slow fox\noutro\n');
  assert.equal(await live.worldText('there.md'), 'intro\nthe sly fox\noutro\n');
});

test('both sides, and all three, open as whole files; the merged text is taken', async () => {
  await conflict('panel.md', person, agent);
  await row('panel.md').waitFor();
  await window.command('agentWorld.compareSides');
  await window.page.locator('.monaco-diff-editor').first().waitFor();
  await window.command('agentWorld.mergeSides');
  await window.page.locator('.merge-editor').first().waitFor();
  await window.page.locator('.merge-editor', { hasText: '1 Conflict Remaining' }).waitFor();
  await window.screenshot('conflict-merge-editor');
  await live.until(
    'VS Code saved what the merge begins with',
    () => !mergeResult().includes('<<<'),
  );
  await window.page.locator('.merge-editor a', { hasText: 'Accept You' }).first().click();
  await saveMerge('sly');
  await live.until('the merge is in the world', async () =>
    (await live.worldText('panel.md')).includes('sly'),
  );
  await untilLeft(0);
  await window.closeAllEditors();
});

test('a merge that was closed before it was completed decides nothing, unless one says so then', async () => {
  await conflict('closed.md', person, agent);
  await row('closed.md').waitFor();
  await window.command('agentWorld.mergeSides');
  await window.page.locator('.merge-editor', { hasText: '1 Conflict Remaining' }).waitFor();
  await window.page.locator('.merge-editor a', { hasText: 'Accept You' }).first().click();
  await live.until('VS Code saved the merge by itself', () => mergeResult().includes('sly'));
  await window.closeAllEditors();
  const closed = /The merge of closed\.md was closed and not completed\. The conflict stays open\./;
  const notice = await told(live, window, closed);
  assert.equal(live.session.view.tickets.size, 1);
  await notice.getByRole('button', { name: 'Take the Merged Text' }).click();
  await live.untilText('closed.md', 'intro\nthe sly fox\noutro\n');
  await untilLeft(0);
});

test('S5: a merge that meets a head that has moved is merged with it, also in the window after this one', async () => {
  await conflict('merged.md', person, agent);
  await window.command('agentWorld.mergeSides');
  await window.page.locator('.merge-editor', { hasText: '1 Conflict Remaining' }).waitFor();
  await live.until(
    'VS Code saved what the merge begins with',
    () => !mergeResult().includes('<<<'),
  );
  await window.page.locator('.merge-editor a', { hasText: 'Accept You' }).first().click();
  const result = window.page.locator('.merge-editor .code-view.result');
  await result.locator('.view-line', { hasText: 'sly' }).click();
  await window.page.keyboard.press('End');
  // In no proposal: a merge that is begun anew does not have it.
  await window.type(' and hare');
  await result.locator('.view-line', { hasText: 'sly fox and hare' }).waitFor();
  await agent.read('merged.md');
  const moved = await agent.replace('merged.md', [{ search: 'slow', replacement: 'slower' }]);
  assert.equal(moved.tag, 'applied');
  // What was told before would lie over the editor.
  await window.command('notifications.clearAll');
  await window.command('notifications.hideList');
  await saveMerge('sly fox and hare');
  await untilTold(live, window, /Others wrote in merged\.md while you merged\. Nothing was done/);
  await window.page.locator('.merge-editor', { hasText: '1 Conflict Remaining' }).waitFor();
  const sides = window.page.locator('.merge-editor .code-view.input');
  await sides.locator('.view-line', { hasText: 'sly fox and hare' }).first().waitFor();
  await sides.locator('.view-line', { hasText: 'slower' }).first().waitFor();
  await window.screenshot('conflict-merge-moved');
  assert.equal(await live.worldText('merged.md'), 'intro\nthe slower fox\noutro\n');

  await window.reloadByCommand();
  await waitUntilBound(window);
  await untilCounted(1);
  await window.command('agentWorld.mergeSides');
  await window.page.locator('.merge-editor', { hasText: '1 Conflict Remaining' }).waitFor();
  await sides.locator('.view-line', { hasText: 'sly fox and hare' }).first().waitFor();
  await window.page.locator('.merge-editor a', { hasText: 'Accept You' }).first().click();
  await result.locator('.view-line', { hasText: 'sly fox and hare' }).waitFor();
  await saveMerge('sly fox and hare');
  await live.untilText('merged.md', 'intro\nthe sly fox and hare\noutro\n');
  await untilLeft(0);
  await window.closeAllEditors();
});

test('many conflicts are worked through in the panel, by keys alone', async () => {
  for (const file of ['first.md', 'second.md', 'third.md']) await conflict(file, person, agent);
  await window.runFromPalette('Agent World: Work Through Conflicts');
  await shown('Conflict 1 of 3').waitFor();
  await shown('first.md, line 2').waitFor();
  await pictureInEveryTheme(window, 'conflict-panel');
  await window.page.keyboard.press('Control+Alt+1');
  await shown('second.md, line 2').waitFor();
  await window.page.keyboard.press('Alt+ArrowDown');
  await shown('third.md, line 2').waitFor();
  await window.page.keyboard.press('Alt+ArrowUp');
  await shown('second.md, line 2').waitFor();
  await window.page.keyboard.press('Control+Alt+2');
  await shown('third.md, line 2').waitFor();
  await panel().getByLabel('What should stand there').fill('slow and sly');
  await window.page.keyboard.press('Control+Enter');
  await shown('Nothing waits for a decision.').waitFor();
  assert.equal(await live.worldText('first.md'), 'intro\nthe slow fox\noutro\n');
  assert.equal(await live.worldText('second.md'), 'intro\nthe sly fox\noutro\n');
  assert.equal(await live.worldText('third.md'), 'intro\nthe slow and sly fox\noutro\n');
  await window.closeAllEditors();
});

test('S5: what is written in the panel outlives Compare, a kill and a head that moves, and is applied once it was seen', async () => {
  await conflict('kept.md', person, agent);
  await window.runFromPalette('Agent World: Work Through Conflicts');
  await shown('kept.md, line 2').waitFor();
  await field().fill('slow and sly');
  await panel().getByRole('button', { name: 'Compare' }).click();
  await window.page.locator('.monaco-diff-editor').first().waitFor();
  await window.runFromPalette('Agent World: Work Through Conflicts');
  await untilWritten('slow and sly');

  // Whoever wrote is gone right behind a key, and with it whoever listened.
  await field().fill('slow and sly, both');
  const pid = await window.evaluate(() => process.pid);
  await live.until('the disk has it', () => typedOnDisk().includes('slow and sly, both'));
  process.kill(pid, 'SIGKILL');
  await window.reload();
  await waitUntilBound(window);
  await untilCounted(1);
  await agent.read('kept.md');
  const moved = await agent.replace('kept.md', [{ search: 'slow', replacement: 'slower' }]);
  assert.equal(moved.tag, 'applied');
  await window.runFromPalette('Agent World: Work Through Conflicts');
  await panel()
    .getByText(
      'Others wrote here since you began to write: then it was “slow”, now it is “slower”.',
    )
    .waitFor();
  await untilWritten('slow and sly, both');
  await window.screenshot('conflict-panel-moved');
  await field().press('End');
  await window.type('!');
  const again = await agent.replace('kept.md', [{ search: 'slower', replacement: 'slowest' }]);
  assert.equal(again.tag, 'applied');
  await panel().getByText('now it is “slowest”').waitFor();
  await untilWritten('slow and sly, both!');
  await window.page.keyboard.press('Control+Enter');
  await shown('Nothing waits for a decision.').waitFor();
  await live.untilText('kept.md', 'intro\nthe slow and sly, both! fox\noutro\n');
  await live.until('nothing is kept of it', () => typedOnDisk() === '');
  await window.closeAllEditors();
});

test('a long text is read when somebody looks at the conflict, and decided there', async () => {
  const long = 'sly and slow '.repeat(2000).trim();
  await conflict('long.md', agent, person, long);
  await window.command('agentWorld.conflicts.focus');
  await row('a long text').waitFor();
  await window.runFromPalette('Agent World: Work Through Conflicts');
  await shown('long.md, line 2').waitFor();
  await panel().getByText(long).first().waitFor();
  assert.equal(await panel().getByLabel('What should stand there').inputValue(), long);
  await window.page.keyboard.press('Control+Alt+2');
  await shown('Nothing waits for a decision.').waitFor();
  assert.equal(await live.worldText('long.md'), `intro\nthe ${long} fox\noutro\n`);
  await window.closeAllEditors();
});

test('changes that wait together are named in the panel, and done together', async () => {
  await person.read('together.md');
  const on = await agent.read('together.md');
  assert.ok(on.tag === 'text');
  await person.replace('together.md', [{ search: 'quick', replacement: 'slow' }]);
  const word = { startLine: 1, startCharacter: 4, endLine: 1, endCharacter: 9, text: 'sly' };
  const held = await agent.changeFiles([
    { kind: 'edit', on, changes: [word] },
    {
      kind: 'create',
      path: 'beside.md',
      content: { kind: 'text', text: 'new\n', eol: 'lf', bom: false },
    },
  ]);
  assert.equal(held.tag, 'ticketed');
  await untilCounted(1);
  await window.command('agentWorld.conflicts.focus');
  await row('“sly” (changes that wait with it: 1)').waitFor();
  await window.runFromPalette('Agent World: Work Through Conflicts');
  await shown('together.md, line 2').waitFor();
  const words = 'These changes wait together: edit together.md; make beside.md.';
  await panel().getByText(words).waitFor();
  await window.page.keyboard.press('Control+Alt+2');
  await shown('Nothing waits for a decision.').waitFor();
  await live.untilText('together.md', 'intro\nthe sly fox\noutro\n');
  await live.until(
    'the file beside it is made',
    () => live.session.view.fileAt('beside.md') !== undefined,
  );
  await window.closeAllEditors();
});

test('what stands above a conflict works where the window was not drawn while it changed', async () => {
  await window.openFile('undrawn.md');
  const lenses = await watchLenses(window);
  const drawAgain = await stopDrawing(window);
  await openConflict('undrawn.md', person, agent);
  await window.waitFor(async (vscode) => {
    const { uri } = vscode.window.activeTextEditor!.document;
    const offered = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      uri,
    );
    return offered.some(({ command }) => command?.title === 'Keep theirs');
  }, {});
  // The second time VS Code gives up the lenses of the first, and goes on showing those.
  await lenses.renew();
  await lenses.renew();
  await drawAgain();
  await pressLens(window.page, 'Keep theirs');
  await untilLeft(0);
  assert.equal(await live.worldText('undrawn.md'), 'intro\nthe slow fox\noutro\n');
  await lenses.stop();
});

test('S8: what two windows typed over the same word while one was cut off is a conflict on return', async () => {
  const other = await live.openWindow();
  for (const each of [window, other]) await each.openFile('typed.md');
  await live.settled();
  leg.proxy.delayMs = 10 * 60_000;
  await replaceWord(other, 'slow');
  await live.until('one is in the world', async () =>
    (await live.worldText('typed.md')).includes('slow'),
  );
  await replaceWord(window, 'wary');
  // Who decides looks at that window: behind another one it is drawn about once a second.
  await other.page.bringToFront();
  leg.proxy.delayMs = 0;
  leg.proxy.disconnectAll();
  for (const each of [window, other]) {
    await each.waitForText('typed.md', 'intro\nthe slow fox\noutro\n');
    await each.page.locator('.codelens-decoration', { hasText: 'Apply mine again' }).waitFor();
  }
  await live.untilProposed('wary');
  await pressLens(other.page, 'Apply mine again');
  for (const each of [window, other]) {
    await each.waitForText('typed.md', 'intro\nthe wary fox\noutro\n');
    await each.page.locator('.codelens-decoration').first().waitFor({ state: 'detached' });
  }
});

/** Selects the word in the middle of the line with the mouse, and types over it. */
async function replaceWord(editor: EditorWindow, word: string): Promise<void> {
  await editor.page.bringToFront();
  await editor.page.locator('.view-line', { hasText: 'fox' }).getByText('quick').dblclick();
  await editor.page.locator('#status\\.editor\\.selection', { hasText: '(5 selected)' }).waitFor();
  await editor.type(word);
  await editor.waitForText('typed.md', `intro\nthe ${word} fox\noutro\n`);
}

function field() {
  return panel().getByLabel('What should stand there');
}

async function untilWritten(text: string): Promise<void> {
  await live.until(
    `the field has “${text}”`,
    async () => (await field().inputValue({ timeout: 10_000 })) === text,
  );
}

/** What is kept of all fields, beside the world's database. */
function typedOnDisk(): string {
  const files = fs.globSync('typed/*/*.json', { cwd: live.home });
  return files.map((file) => fs.readFileSync(path.join(live.home, file), 'utf8')).join('\n');
}

function panel() {
  return window.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
}

function shown(text: string) {
  return panel().getByText(text, { exact: true });
}

/**
 * By its key, once VS Code has saved the text by itself: a key that comes while it does is no save of its own to
 * VS Code.
 */
async function saveMerge(text: string): Promise<void> {
  await live.until('VS Code saved the merge by itself', () => mergeResult().includes(text));
  await window.page.locator('.merge-editor .code-view.result .view-lines').click();
  await window.page.keyboard.press('Control+s');
}

/** What the one merge that is open has in its result on disk. */
function mergeResult(): string {
  const merges = path.join(live.home, 'merges');
  const [folder, ...others] = fs.readdirSync(merges);
  assert.ok(folder !== undefined && others.length === 0, 'one merge is open');
  // Beside it is what the merge is about.
  const [file] = fs.readdirSync(path.join(merges, folder)).filter((name) => !name.startsWith('.'));
  return fs.readFileSync(path.join(merges, folder, file!), 'utf8');
}

/** A conflict that the window knows of. */
async function conflict(...of: Parameters<typeof openConflict>): Promise<void> {
  await openConflict(...of);
  await untilCounted(live.session.view.tickets.size);
}

/** `author`, who has not seen it, replaces what `other` has just replaced. */
async function openConflict(
  file: string,
  author: AgentSession,
  other: AgentSession,
  text = 'sly',
): Promise<void> {
  const { size } = live.session.view.tickets;
  await author.read(file);
  await other.read(file);
  const edited = await other.replace(file, [{ search: 'quick', replacement: 'slow' }]);
  assert.equal(edited.tag, 'applied');
  const refused = await author.replace(file, [{ search: 'quick', replacement: text }]);
  assert.equal(refused.tag, 'ticketed');
  await live.until('there is a ticket', () => live.session.view.tickets.size === size + 1);
}

/**
 * Until so many are left, in the window too: where it has yet to hear that one is decided, commands are about that
 * one, or ask which is meant.
 */
async function untilLeft(conflicts: number): Promise<void> {
  await live.until(
    `conflicts that are left: ${conflicts}`,
    () => live.session.view.tickets.size === conflicts,
  );
  await untilCounted(conflicts);
}

/** Until the window knows of conflicts it has no view, no keys and no commands for them. */
async function untilCounted(conflicts: number): Promise<void> {
  const said = conflicts === 0 ? '' : `${conflicts}`;
  const badge = window.page.locator(`.activitybar [aria-label*="Open conflicts: ${said}"]`);
  await badge.first().waitFor({ state: conflicts === 0 ? 'detached' : 'visible' });
  await keysKnown(window);
}

/** Presses a key that goes to a conflict, and waits until the cursor is in that of this file. */
async function pressed(key: string, file: string): Promise<void> {
  await window.page.keyboard.press(`Control+Alt+Shift+${key}`);
  await window.waitFor((vscode, file) => {
    const { document, selection } = vscode.window.activeTextEditor ?? {};
    return document?.uri.path.endsWith(`/${file}`) === true && selection?.start.line === 1;
  }, file);
  await window.page.locator('.editor-group-container.active .monaco-editor.focused').waitFor();
}

function row(text: string) {
  return viewRow(window, 'Conflicts', text);
}
