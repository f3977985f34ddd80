// Threads beside the lines that messages and conflicts are about, by keys and mouse, in one window of an owner's.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Locator } from 'playwright-core';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { focusByKey } from './harness/focus-by-key.ts';
import { keysKnown, LiveFolder } from './harness/live-folder.ts';
import type { EditorWindow } from './harness/window.ts';

const LINES = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\n';
const FOX = 'intro\nthe quick fox\noutro\n';

let live: LiveFolder;
let window: EditorWindow;
let agent: AgentSession;
let person: AgentSession;

before(async () => {
  live = await LiveFolder.start({
    files: { 'plan.md': LINES, 'fox.md': FOX, 'other.md': LINES, 'keys.md': LINES },
  });
  agent = await live.joinAgent('rewriter');
  person = live.person();
  window = await live.openWindow();
});

after(async () => {
  await live.dispose();
});

test('a message about lines stands in a thread beside them, which moves nothing until it is opened', async () => {
  await window.openFile('plan.md');
  await live.settled();
  const lines = await window.visibleLines();
  await agent.say('Is plan.md:4–5 still wanted? I would take it out.', live.session.identity);
  await glyph().waitFor();
  assert.deepEqual(await window.visibleLines(), lines);
  assert.equal(await window.page.locator('.panel .comments-panel').count(), 0, 'no view pops up');
  await window.screenshot('thread-folded');
});

test('it moves with its text, and is opened by keys', async () => {
  await window.placeCursor(0, 0);
  await window.type('zero\n');
  await live.untilText('plan.md', `zero\n${LINES}`);
  await goIntoThread();
  await thread().getByText('still wanted').waitFor();
  await window.waitForCursor(5, 0);
  const label = await thread().locator('.review-comment').first().getAttribute('aria-label');
  assert.match(label ?? '', /rewriter.*Is plan\.md:4–5 still wanted/);
  await window.screenshot('thread-message');
});

test('a message about the selected lines is begun from the editor, and answered in its thread', async () => {
  await window.openFile('other.md');
  await live.settled();
  await window.placeCursor(1, 0);
  await window.page.keyboard.press('Shift+ArrowDown');
  await window.page.keyboard.press('Shift+ArrowDown');
  await window.runFromPalette('Agent World: Write a Message about These Lines…');
  await window.page.locator('.quick-input-list').getByText('rewriter').waitFor();
  await window.type('rewriter');
  await window.page.keyboard.press('Enter');
  await window.page
    .locator('.quick-input-widget')
    .getByText('Message to rewriter about other.md:2–3')
    .waitFor();
  await window.type('Please sort these.');
  await window.page.keyboard.press('Enter');
  await heard('other.md:2–3: Please sort these.');
  await glyph().waitFor();
  await window.screenshot('thread-about-lines-folded');
  await goIntoThread();
  await thread().getByText('Please sort these.').waitFor();
  await agent.say('Sorted.', live.session.identity);
  await thread().getByText('Sorted.').waitFor();
  await thread().locator('.review-thread-reply-button').click();
  await answerBox().waitFor();
  await window.type('Thanks.');
  await thread().getByRole('button', { name: 'Send' }).click();
  await heard('other.md:2–3: Thanks.');
  await window.page.keyboard.press('Escape');
});

test('by keys alone a message is gone to, answered and marked as read, and a conflict is decided', async () => {
  await window.openFile('keys.md');
  await live.settled();
  await agent.say('May I take keys.md:3 out?', live.session.identity);
  await glyph().waitFor();
  await goIntoThread();
  await thread().getByText('May I take').waitFor();
  await focusByKey(thread().locator('.comment-form-container'));
  await answerBox().waitFor();
  await window.type('Yes, do.');
  await window.screenshot('thread-answer-by-keys');
  // VS Code tells the extension of a fold, and hears it back: on a long way there is time to open the thread before.
  window.extensionHostLeg.delayMs = 300;
  await window.page.keyboard.press('Control+Enter');
  // What is answered is read, and what needs nobody any more is folded, once.
  await thread().waitFor({ state: 'detached' });
  await window.page.locator('.view-line', { hasText: 'one' }).click();
  await window.page.keyboard.press('Alt+F9');
  await threadWithKeys().waitFor();
  // By the end of two more ways there and back that would have come.
  for (const _ of ['one', 'two']) await keysKnown(window);
  assert.equal(await thread().count(), 1, 'it stays open');
  window.extensionHostLeg.delayMs = 0;
  await heard('keys.md:3: Yes, do.');
  await focusInTitle('Mark Messages as Read');
  await thread().getByText('Yes, do.').waitFor();
  await window.screenshot('thread-mark-as-read');
  await window.page.keyboard.press('Enter');
  await thread().waitFor({ state: 'detached' });
  await conflict('keys.md', person, agent, 'two', '2');
  await window.openFile('keys.md');
  await glyph().waitFor();
  await keysKnown(window);
  await window.page.keyboard.press('Control+Alt+Shift+M');
  await thread().getByText('waits for a decision').waitFor();
  await focusInTitle('Apply the Edit of a Conflict');
  await window.page.keyboard.press('Enter');
  await live.until('it is decided', () => live.session.view.tickets.size === 0);
  await thread().waitFor({ state: 'detached' });
});

test('a conflict has a thread at its place, which keys lead to and its buttons decide', async () => {
  await window.openFile('fox.md');
  await live.settled();
  await conflict('fox.md', person, agent);
  await glyph().waitFor();
  await window.screenshot('thread-conflict-folded');
  await keysKnown(window);
  await window.page.keyboard.press('Control+Alt+Shift+M');
  await thread().getByText('waits for a decision').waitFor();
  await window.screenshot('thread-conflict');
  await thread().getByRole('button', { name: 'Apply the Edit of a Conflict' }).click();
  await live.until('it is decided', () => live.session.view.tickets.size === 0);
  assert.equal(await live.worldText('fox.md'), FOX.replace('quick', 'shy'));
  await thread().waitFor({ state: 'detached' });
});

test('a setting turns them off', async () => {
  await conflict('fox.md', agent, person, 'shy', 'brown');
  await glyph().waitFor();
  await window.evaluate((vscode) =>
    vscode.workspace.getConfiguration('agentWorld').update('threads.show', 'off', true),
  );
  await glyph().waitFor({ state: 'detached' });
  await window.page.locator('.codelens-decoration', { hasText: 'Keep the text' }).waitFor();
});

/** Opens the one thread of the file in front by VS Code's own keys, and has the keyboard in it. */
async function goIntoThread(): Promise<void> {
  await window.placeCursor(0, 0);
  await window.page.keyboard.press('Alt+F9');
  // Tab would be typed into the file before.
  await threadWithKeys().waitFor();
}

/** What the thread of the file offers beside its title, by VS Code's own keys. */
async function focusInTitle(button: string): Promise<void> {
  // The box of an answer counts as the active editor, also when it is gone.
  await window.openFile('keys.md');
  await goIntoThread();
  await focusByKey(thread().locator('.head .actions-container'), 'Shift+Tab');
  await focusByKey(thread().getByRole('button', { name: button }), 'ArrowRight');
}

async function conflict(
  file: string,
  waits: AgentSession,
  wins: AgentSession,
  search = 'quick',
  replacement = 'slow',
): Promise<void> {
  const former = live.session.view.tickets.size;
  await waits.read(file);
  await wins.read(file);
  assert.equal((await wins.replace(file, [{ search, replacement }])).tag, 'applied');
  await waits.replace(file, [{ search, replacement: 'shy' }]);
  await live.until('a ticket is open', () => live.session.view.tickets.size === former + 1);
}

async function heard(message: string): Promise<void> {
  await live.until(`the agent hears “${message}”`, () =>
    agent.heard().some(({ text }) => text === message),
  );
}

function glyph(): Locator {
  return window.page.locator('.editor-instance .comment-range-glyph, .comment-thread').first();
}

/** A thread, while it has the keyboard. */
function threadWithKeys(): Locator {
  return window.page.locator('.review-widget:focus-within');
}

/** The box for an answer, while it has the keyboard. */
function answerBox(): Locator {
  return thread().locator('.comment-form .monaco-editor.focused');
}

function thread(): Locator {
  return window.page.locator('.review-widget');
}
