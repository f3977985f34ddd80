import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { LiveFolder, waitUntilBound } from './harness/live-folder.ts';
import { untilTold } from './harness/told.ts';
import type { EditorWindow } from './harness/window.ts';
import { startWorldLeg, type WorldLeg } from './harness/world-leg.ts';

const BEFORE = 'intro\nthe quick fox\noutro\n';
const THEIRS = 'intro\nthe slow fox\noutro\n';
const MINE = 'intro\nthe sly fox\noutro\n';

let live: LiveFolder;
let leg: WorldLeg;
let window: EditorWindow;
let agent: AgentSession;

before(async () => {
  const files = [
    'head.md',
    'again.md',
    'patch.md',
    'moved.md',
    'unbound.md',
    'never.md',
    'behind.md',
    'gone.md',
  ].map((file) => [file, BEFORE] as const);
  live = await LiveFolder.start({ files: Object.fromEntries(files) });
  leg = await startWorldLeg(live.home);
  agent = await live.joinAgent('rewriter');
  window = await live.openWindow(leg.env);
});

after(async () => {
  await leg.proxy.close();
  await live.dispose();
});

test('S6: a ticket is told at its place, and keeping theirs is a choice of the keyboard', async () => {
  await overlap('head.md');
  await window.waitForDecoration('rewriter changed the same text at the same time.');
  await window.screenshot('ticket-at-its-place');
  await window.page.keyboard.press('Control+Alt+r');
  await choose('Keep theirs');
  await live.until('the ticket is decided', () => live.session.view.tickets.size === 0);
  assert.equal(await live.worldText('head.md'), THEIRS);
  await window.page
    .locator('.codelens-decoration', { hasText: 'Keep theirs' })
    .waitFor({ state: 'detached' });
});

test('applying mine again puts my text in place of theirs', async () => {
  await overlap('again.md');
  await window.page.keyboard.press('Control+Alt+r');
  await window.page.locator('.quick-input-list').getByText('Apply mine again').waitFor();
  await window.screenshot('ticket-choices');
  await choose('Apply mine again');
  await window.waitForText('again.md', MINE);
  assert.equal(await live.worldText('again.md'), MINE);
  assert.equal(live.session.view.tickets.size, 0);
});

test('a small editor takes what should stand there, and a copy of its text that somebody made stays', async () => {
  await overlap('patch.md');
  await window.evaluate(async (vscode) => {
    const document = await vscode.workspace.openTextDocument({ content: 'sly' });
    await vscode.window.showTextDocument(document);
  });
  await window.openFile('patch.md');
  await window.page.keyboard.press('Control+Alt+r');
  await choose('Edit…');
  await untilPatching();
  await window.screenshot('ticket-patch-editor');
  await window.page.keyboard.press('Control+a');
  await window.type('slow and sly');
  await window.page.keyboard.press('Control+Enter');
  const both = 'intro\nthe slow and sly fox\noutro\n';
  await live.until('the world has it', async () => (await live.worldText('patch.md')) === both);
  await window.openFile('patch.md');
  await window.waitForText('patch.md', both);
  await window.waitFor((vscode) => {
    const [copy, ...others] = vscode.workspace.textDocuments.filter((each) => each.isUntitled);
    return copy?.getText() === 'sly' && others.length === 0;
  }, {});
  await window.evaluate(async (vscode) => {
    const copy = vscode.workspace.textDocuments.find((each) => each.isUntitled)!;
    await vscode.window.showTextDocument(copy);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });
});

test('the key that takes the text of the small editor brings it up where it is hidden, and takes nothing', async () => {
  await overlap('behind.md');
  await window.page.keyboard.press('Control+Alt+r');
  await choose('Edit…');
  await untilPatching();
  await window.page.keyboard.press('Control+a');
  await window.type('slow and sly');
  await window.evaluate(async (vscode) => {
    const [left, right] = await Promise.all(
      ['left', 'right'].map((content) => vscode.workspace.openTextDocument({ content })),
    );
    await vscode.commands.executeCommand('vscode.diff', left!.uri, right!.uri, 'other texts');
  });
  await window.waitFor(
    (vscode) => vscode.window.activeTextEditor?.document.getText() === 'right',
    {},
  );
  await window.page.keyboard.press('Control+Enter');
  await window.waitFor(
    (vscode) => vscode.window.activeTextEditor?.document.getText() === 'slow and sly',
    {},
  );
  assert.equal(await live.worldText('behind.md'), THEIRS);
  assert.equal(live.session.view.tickets.size, 1);
  await window.page.keyboard.press('Control+Enter');
  await live.untilText('behind.md', 'intro\nthe slow and sly fox\noutro\n');
  await live.until('it is decided', () => live.session.view.tickets.size === 0);
  // The other texts were typed nowhere, and are not kept.
  await window.evaluate(async (vscode) => {
    for (const document of vscode.workspace.textDocuments.filter((each) => each.isUntitled)) {
      await vscode.window.showTextDocument(document);
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    }
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
});

test('a small editor that is moved goes on, and what was taken in one that is closed before the answer is kept', async () => {
  await overlap('gone.md');
  await window.page.keyboard.press('Control+Alt+r');
  await choose('Edit…');
  await untilPatching();
  await window.command('workbench.action.moveEditorToNextGroup');
  await window.waitFor((vscode) => vscode.window.tabGroups.all.length === 2, {});
  await untilPatching();
  await takeButton().waitFor();
  await window.page.keyboard.press('Control+a');
  await window.type('slow and sly');
  await agent.read('gone.md');
  const moved = await agent.replace('gone.md', [{ search: 'slow', replacement: 'slower' }]);
  assert.equal(moved.tag, 'applied');
  leg.proxy.delayMs = 10 * 60_000;
  await window.page.keyboard.press('Control+Enter');
  // The answer is on its way for as long as the editor is closed.
  await takeButton().waitFor({ state: 'detached' });
  await window.command('workbench.action.revertAndCloseActiveEditor');
  await window.waitFor(
    (vscode) => vscode.workspace.textDocuments.every(({ isUntitled }) => !isUntitled),
    {},
  );
  leg.proxy.delayMs = 0;
  leg.proxy.disconnectAll();
  await untilTold(live, window, /it was “slow”, now it is “slower”\. Nothing was done/);
  await window.openFile('gone.md');
  await window.page.locator('.codelens-decoration', { hasText: 'Keep theirs' }).waitFor();
  await window.page.keyboard.press('Control+Alt+r');
  await choose('Edit…');
  await untilPatching();
  // The key is there with the editor.
  await window.page.keyboard.press('Control+Enter');
  await live.untilText('gone.md', 'intro\nthe slow and sly fox\noutro\n');
  await live.until('it is decided', () => live.session.view.tickets.size === 0);
});

test('S5: the text of the small editor stays where the head has moved, also for the window after this one', async () => {
  await overlap('moved.md');
  await window.page.keyboard.press('Control+Alt+r');
  await choose('Edit…');
  await untilPatching();
  await window.page.keyboard.press('Control+a');
  await window.type('slow and sly');
  await agent.read('moved.md');
  const moved = await agent.replace('moved.md', [{ search: 'slow', replacement: 'slower' }]);
  assert.equal(moved.tag, 'applied');
  await window.page.keyboard.press('Control+Enter');
  await untilTold(live, window, /it was “slow”, now it is “slower”\. Nothing was done/);
  await window.waitFor(
    (vscode) => vscode.window.activeTextEditor?.document.getText() === 'slow and sly',
    {},
  );
  await window.page.locator('.monaco-diff-editor .original', { hasText: 'slower' }).waitFor();
  assert.equal(await live.worldText('moved.md'), 'intro\nthe slower fox\noutro\n');
  await window.screenshot('ticket-patch-moved');

  // VS Code brings back the text, and not what it was compared with.
  await window.reloadByCommand();
  await waitUntilBound(window);
  await window.openFile('moved.md');
  await window.page.locator('.codelens-decoration', { hasText: 'Keep theirs' }).waitFor();
  await window.page.keyboard.press('Control+Alt+r');
  await choose('Edit…');
  await window.page.locator('.monaco-diff-editor .original', { hasText: 'slower' }).waitFor();
  await untilPatching();
  await window.waitFor(
    (vscode) => vscode.window.activeTextEditor?.document.getText() === 'slow and sly',
    {},
  );
  await takeButton().waitFor();
  await window.page.keyboard.press('Control+End');
  await window.type('!');
  await window.page.keyboard.press('Control+Enter');
  await live.untilText('moved.md', 'intro\nthe slow and sly! fox\noutro\n');
  await window.waitFor(
    (vscode) => vscode.workspace.textDocuments.every(({ isUntitled }) => !isUntitled),
    {},
  );
  await live.until('it is decided', () => live.session.view.tickets.size === 0);
});

test('S6: what was typed before the document was bound is judged like everything else', async () => {
  await overlap('unbound.md', 'before it is bound');
  await window.page.keyboard.press('Control+Alt+r');
  await choose('Keep theirs');
  await live.until('the ticket is decided', () => live.session.view.tickets.size === 0);
  assert.equal(await live.worldText('unbound.md'), THEIRS);
});

test('S6: what the world never takes says why, and offers only what can work', async () => {
  await window.openFile('never.md');
  await live.settled();
  await window.evaluate(async (vscode) => {
    const editor = vscode.window.activeTextEditor!;
    await editor.edit((edit) => edit.insert(new vscode.Position(1, 0), 'no\u0000text '));
  });
  const lenses = window.page.locator('.codelens-decoration');
  await lenses.filter({ hasText: 'Discard mine' }).waitFor();
  await window.waitForDecoration('characters that no text file can keep');
  await window.waitForText('never.md', BEFORE);
  assert.equal(await lenses.filter({ hasText: 'Apply mine again' }).count(), 0);
  await window.screenshot('draft-at-its-place');
  await window.page.keyboard.press('Control+Alt+r');
  await choose('Copy my text');
  await window.waitFor(
    async (vscode) => (await vscode.env.clipboard.readText()) === 'no\u0000text ',
    {},
  );
  await window.page.keyboard.press('Control+Alt+r');
  await choose('Discard mine');
  await lenses.filter({ hasText: 'Discard mine' }).waitFor({ state: 'detached' });
  assert.equal(await live.worldText('never.md'), BEFORE);
});

/** The window and an agent replace the same word without having seen each other. */
async function overlap(
  file: string,
  when: 'bound' | 'before it is bound' = 'bound',
): Promise<void> {
  if (when === 'bound') {
    await window.openFile(file);
    await live.settled();
  }
  leg.proxy.delayMs = 10 * 60_000;
  await window.openFile(file);
  await window.evaluate((vscode) => {
    const editor = vscode.window.activeTextEditor!;
    editor.selection = new vscode.Selection(1, 4, 1, 9);
  });
  await window.waitForCursor(1, 9);
  await window.type('sly');
  await window.waitForText(file, MINE);
  await agent.read(file);
  const edited = await agent.replace(file, [{ search: 'quick', replacement: 'slow' }]);
  assert.equal(edited.tag, 'applied');
  leg.proxy.delayMs = 0;
  leg.proxy.disconnectAll();
  await window.waitForText(file, THEIRS);
  await live.untilProposed('sly');
  await window.page.locator('.codelens-decoration', { hasText: 'Keep theirs' }).waitFor();
}

function takeButton() {
  return window.page.locator('.editor-actions').getByRole('button', { name: /^Take This Text/ });
}

async function untilPatching(): Promise<void> {
  await window.page.locator('.editor-instance .diff-editor, .monaco-diff-editor').first().waitFor();
  await window.waitFor(
    (vscode) => vscode.window.activeTextEditor?.document.uri.scheme === 'untitled',
    {},
  );
}

async function choose(label: string): Promise<void> {
  await window.page.locator('.quick-input-list').getByText(label).waitFor();
  await window.type(label);
  await window.page.keyboard.press('Enter');
}
