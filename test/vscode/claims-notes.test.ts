// Claims and notes in one window of an owner's, by keys and mouse, beside a person and an agent.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { AgentSession } from '../../src/agents/agent-session.ts';
import { joinAgent } from '../../src/agents/join-agent.ts';
import { claimPaths, releasePathClaim } from '../../src/world/path-claims.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import type { SoftLock } from '../../src/world/world-rows.ts';
import { pressLens } from './harness/lens-press.ts';
import { keysKnown, LiveFolder, notifications, waitUntilBound } from './harness/live-folder.ts';
import { chooseByKeys } from './harness/row-menu.ts';
import { clickRow, pressInRow } from './harness/row-press.ts';
import { pictureInEveryTheme } from './harness/themes.ts';
import { told } from './harness/told.ts';
import { viewRow } from './harness/view-rows.ts';
import type { EditorWindow } from './harness/window.ts';

const LINES = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\n';
const MINUTE_MS = 60_000;

let live: LiveFolder;
let window: EditorWindow;
let agent: AgentSession;
let grace: AgentSession;

before(async () => {
  live = await LiveFolder.start({
    files: { 'mine.md': LINES, 'theirs.md': LINES, 'src/more.md': LINES },
  });
  const { surroundings } = live;
  agent = await live.joinAgent('rewriter');
  const person = { name: 'grace', displayName: 'Grace', color: '', kind: 'human' } as const;
  const session = await joinAgent(surroundings, live.session, live.server, person);
  grace = new AgentSession({ session, randomBytes: surroundings.randomBytes });
  window = await live.openWindow();
});

after(async () => {
  grace.session.close();
  await live.dispose();
});

test('the selection is claimed by keys, with a reason and a duration, and shows on its lines', async () => {
  await window.openFile('mine.md');
  await live.settled();
  await window.placeCursor(1, 0);
  await window.page.keyboard.press('Shift+ArrowDown');
  await window.page.keyboard.press('Shift+ArrowDown');
  await window.runFromPalette('Agent World: Claim the Selection…');
  await quickInput().getByText('Claim mine.md:2–3').waitFor();
  await window.type('reworking it');
  await quickInput().locator('.monaco-list-row').getByText('reworking it').waitFor();
  await window.page.keyboard.press('Enter');
  await quickInput().getByText('10 minutes').waitFor();
  await window.screenshot('claim-duration');
  await window.type('10');
  await window.page.keyboard.press('Enter');
  await live.until('it is claimed', () => live.session.view.locks.size === 1);
  const { firstLine, lastLine, reason, holder } = theClaim();
  assert.deepEqual([firstLine, lastLine, reason], [1, 2, 'reworking it']);
  assert.equal(holder, live.session.identity);
  await window.waitForDecoration('claimed by you, 10 min left: reworking it');
  await waitForNotedLine('claimed by you', 'two');
});

test('an agent is refused there by the server, and may write beside it', async () => {
  await agent.read('mine.md');
  const refused = await agent.replace('mine.md', [{ search: 'three', replacement: 'THREE' }]);
  assert.equal(refused.tag === 'refused' && refused.refusal.code, 'locked');
  const taken = await agent.replace('mine.md', [{ search: 'five', replacement: 'FIVE' }]);
  assert.equal(taken.tag, 'applied');
  await window.waitForText('mine.md', LINES.replace('five', 'FIVE'));
});

test('a claim follows its text, whoever writes above it', async () => {
  await window.placeCursor(0, 0);
  await window.type('zero\n');
  await live.until('it is in the world', async () =>
    (await live.worldText('mine.md')).startsWith('zero\none'),
  );
  await agent.read('mine.md');
  const edited = await agent.replace('mine.md', [
    { search: 'one', replacement: 'one\nand a half' },
  ]);
  assert.equal(edited.tag, 'applied');
  await window.waitForText(
    'mine.md',
    `zero\n${LINES}`.replace('one', 'one\nand a half').replace('five', 'FIVE'),
  );
  await live.until('the world moved it', () => theClaim().firstLine === 3);
  await waitForNotedLine('claimed by you', 'two');
  await window.command('agentWorld.claims.focus');
  await claim('mine.md:4–5').waitFor();
  assert.equal(
    await claim('mine.md:4–5').getAttribute('aria-label'),
    'Claim on mine.md:4–5, you, reworking it, 10 min left',
  );
});

test('it is extended by keys at the cursor', async () => {
  await window.openFile('mine.md');
  await window.placeCursor(4, 1);
  await window.runFromPalette('Agent World: Extend a Claim…');
  await quickInput().getByText('60 minutes').waitFor();
  await window.type('60');
  await window.page.keyboard.press('Enter');
  await window.waitForDecoration('claimed by you, 1 h left: reworking it');
  await claim('1 h left').waitFor();
});

test('writing into a claim of somebody else is told once, and is in the text all the same', async () => {
  await window.openFile('theirs.md');
  await live.settled();
  const [first, second] = [await claimOfGrace(0, 1), await claimOfGrace(3, 4)];
  await window.waitForDecoration('claimed by Grace, 10 min left: my part');
  await window.placeCursor(5, 0);
  await window.type('beside it ');
  assert.deepEqual(await warnings(), [], 'nothing is said beside a claim');
  await window.openFile('theirs.md');
  await window.placeCursor(1, 3);
  await window.type(' and more');
  await window.placeCursor(0, 3);
  await window.type(' too');
  await untilNotified();
  assert.equal((await warnings()).length, 1);
  await window.openFile('theirs.md');
  await window.placeCursor(3, 4);
  await window.type('!');
  // A second claim is said beside the first notification, which still waits, not over it.
  await window.page.locator('.statusbar-item', { hasText: 'Grace has claimed' }).waitFor();
  assert.deepEqual(await warnings(), [
    'Grace has claimed these lines, 10 min left. What you write counts all the same. Why: my part',
  ]);
  const text = 'one too\ntwo and more\nthree\nfour!\nfive\nbeside it six\nseven\n';
  await live.until('it is in the world', async () => (await live.worldText('theirs.md')) === text);
  assert.ok(live.session.view.locks.get(first) && live.session.view.locks.get(second));
});

test('who holds a claim is asked for it, from the warning', async () => {
  await window.command('notifications.showList');
  await window.page
    .locator('.notifications-center')
    .getByRole('button', { name: 'Ask for It…' })
    .click();
  await quickInput().getByText('Ask Grace for theirs.md:1–2').waitFor();
  await window.screenshot('claim-ask');
  await window.page.keyboard.press('Enter');
  await window.command('notifications.hideList');
  await live.until('it is written', () => live.session.view.notes.size === 1);
  const [note] = live.session.view.notes.values();
  assert.equal(note?.to, grace.session.identity);
  assert.match(note.text, /Could you release theirs\.md:1–2\?/);
  // The warning has gone, and is not given again for the same claim.
  await window.openFile('theirs.md');
  await window.placeCursor(0, 0);
  await window.type('>');
  await live.until('it is in the world', async () =>
    (await live.worldText('theirs.md')).startsWith('>one too'),
  );
  assert.deepEqual(await warnings(), []);
});

test('the hover of a claim says who has it, and what can be done', async () => {
  await window.openFile('theirs.md');
  await window.placeCursor(4, 1);
  await window.command('editor.action.showHover');
  const hover = window.page.locator('.monaco-hover', {
    hasText: 'Grace has claimed the lines 4–5',
  });
  await hover.waitFor();
  await window.screenshot('claim-hover');
  await hover.locator('a', { hasText: 'Ask for It…' }).click();
  await quickInput().getByText('Ask Grace for theirs.md:4–5').waitFor();
  await window.page.keyboard.press('Escape');
});

test('claims and their lines in every theme', async () => {
  await window.openFile('theirs.md');
  await claim('theirs.md:4–5').waitFor();
  await pictureInEveryTheme(window, 'claims');
});

test('an owner ends the claim of somebody else after a question, and one’s own by a click', async () => {
  await window.openFile('theirs.md');
  await window.placeCursor(4, 0);
  await window.runFromPalette('Agent World: Release a Claim');
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.filter({ hasText: 'Release the claim of Grace on theirs.md:4–5?' }).waitFor();
  await dialog.getByRole('button', { name: 'Release' }).click();
  await claim('theirs.md:4–5').waitFor({ state: 'detached' });
  await pressInRow(claim('mine.md:'), 'Release a Claim');
  await claim('mine.md:').waitFor({ state: 'detached' });
  assert.deepEqual(
    [...live.session.view.locks.values()].map(({ firstLine }) => firstLine),
    [0],
  );
});

test('a file that somebody claims whole has a bar and a row, and a person who writes there is told', async () => {
  const wanted = {
    pattern: 'src/**',
    isGlob: true,
    reason: 'moving it',
    durationMs: 5 * MINUTE_MS,
  };
  const claimed = await claimPaths(grace.session, wanted, systemRandomBytes);
  assert.equal(claimed.tag, 'claimed');
  await live.until('it is told', () => live.session.view.pathClaims.claims.size === 1);
  // One warning at a time is shown.
  await window.command('notifications.clearAll');
  await window.openFile('src/more.md');
  await live.settled();
  await window.waitForDecoration('claimed by Grace, 5 min left: moving it');
  await claim('src/**').waitFor();
  await window.placeCursor(2, 0);
  await window.type('x');
  await live.until('it is in the world', async () => {
    return (await live.worldText('src/more.md')).includes('x');
  });
  await untilNotified();
  assert.deepEqual(await warnings(), [
    'Grace has claimed src/**, 5 min left. What you write counts all the same. Why: moving it',
  ]);
  assert.ok(claimed.tag === 'claimed');
  await releasePathClaim(grace.session, claimed.claim.claimId);
  await live.until('it is over', () => live.session.view.pathClaims.claims.size === 0);
});

test('a file is claimed in the explorer, where agents are refused from then on', async () => {
  await window.command('workbench.view.explorer');
  const row = window.page.locator('.explorer-folders-view .monaco-list-row', {
    hasText: 'mine.md',
  });
  await row.click({ button: 'right' });
  await window.page.locator('.context-view .monaco-menu').getByText('Claim This File…').waitFor();
  await window.screenshot('claim-file-menu');
  await chooseByKeys(window, 'Claim This File…');
  await quickInput().getByText('Claim mine.md').waitFor();
  await window.type('all of it');
  await quickInput().locator('.monaco-list-row').getByText('all of it').waitFor();
  await window.page.keyboard.press('Enter');
  await quickInput().getByText('10 minutes').waitFor();
  await window.page.keyboard.press('Enter');
  await live.until('it is claimed', () => pathClaims().length === 1);
  assert.deepEqual(pathClaims(), [{ pattern: 'mine.md', isGlob: false, reason: 'all of it' }]);
  await agent.read('mine.md');
  const refused = await agent.replace('mine.md', [{ search: 'six', replacement: 'SIX' }]);
  assert.equal(refused.tag === 'refused' && refused.refusal.code, 'locked');
});

test('a folder is claimed by keys, and so is what a glob fits; who is there is said first', async () => {
  const more = live.session.view.fileAt('src/more.md')!;
  const { fileId, version } = more;
  const start = { line: 0, character: 0 };
  await grace.show({ fileId, version }, { start, end: start }, 'reading');
  await window.openFile('src/more.md');
  await live.until('it is known that she is there', () =>
    [...live.session.view.presence.values()].some((each) => each.fileId === fileId),
  );
  await window.runFromPalette('Agent World: Claim This Folder…');
  await quickInput().getByText('Claim a folder').waitFor();
  await quickInput().locator('.monaco-list-row.focused', { hasText: 'src' }).waitFor();
  await window.screenshot('claim-folder');
  await window.page.keyboard.press('Enter');
  await quickInput().getByText('Claim src/**').waitFor();
  await quickInput().getByText('Grace is in src/more.md').waitFor();
  await window.page.keyboard.press('Escape');
  // Enter comes right behind the last letter, before the list has what was typed.
  await window.runFromPalette('Agent World: Claim This Folder…');
  await quickInput().getByText('Claim a folder').waitFor();
  await window.type('src/**/*.{md,txt}');
  await window.page.keyboard.press('Enter');
  await quickInput().getByText('Claim src/**/*.{md,txt}').waitFor();
  await window.page.keyboard.press('Enter');
  await quickInput().getByText('10 minutes').waitFor();
  await window.page.keyboard.press('Enter');
  await live.until('it is claimed', () => pathClaims().length === 2);
  await window.command('agentWorld.claims.focus');
  await claim('src/**/*.{md,txt}').waitFor();
  await pictureInEveryTheme(window, 'claims-on-paths');
  for (const place of ['src/**/*.{md,txt}', 'mine.md']) {
    await pressInRow(claim(place), 'Release a Claim');
    await claim(place).waitFor({ state: 'detached' });
  }
});

test('a message of an agent is counted in the status bar, and no window pops up', async () => {
  await window.command('notifications.clearAll');
  await agent.say('Could somebody look at theirs.md:5?', live.session.identity);
  await agent.say('I rewrite mine.md now.');
  await unread('2').waitFor();
  assert.equal(
    await unread('2').locator('a').getAttribute('aria-label'),
    'Unread messages: 2, from rewriter',
  );
  assert.deepEqual(await notifications(window), []);
  await window.command('agentWorld.notes.focus');
  await note('1 unread').nth(1).waitFor();
  const label = await note('rewriter')
    .filter({ hasText: 'Could somebody' })
    .getAttribute('aria-label');
  assert.match(label ?? '', /^Messages with rewriter, 1 unread, rewriter: Could .*5\?, just now$/);
});

test('it is read where it was said, and the place that it names is a link', async () => {
  await clickRow(note('Could somebody'));
  await window.page.locator('.tab.active').filter({ hasText: 'rewriter' }).waitFor();
  await window.page.locator('.view-line', { hasText: 'Could somebody look' }).waitFor();
  await unread('1').waitFor();
  await window.page.locator('.view-line .detected-link', { hasText: 'theirs.md:5' }).waitFor();
  await window.screenshot('messages-read');
});

test('it is answered by keys, and the agent hears it', async () => {
  await pressLens(window.page, 'Write a Message…');
  await quickInput().getByText('Message to rewriter').waitFor();
  await window.type('I do, in a minute.');
  await window.page.keyboard.press('Enter');
  await live.until('the agent hears it', () => agent.heard().length === 1);
  assert.equal(agent.heard()[0]?.text, 'I do, in a minute.');
  await window.page.locator('.view-line', { hasText: 'in a minute' }).waitFor();
  await note('you: I do, in a minute.').waitFor();
});

test('messages to everybody are written and marked as read without being opened; one that was not sent is there again', async () => {
  await writeToEverybody();
  await window.type('Lunch');
  await live.until('the disk has it', () => keptFields().includes('Lunch'));
  await window.page.keyboard.press('Escape');
  await writeToEverybody();
  await live.until('it is there again', async () => (await box().inputValue()) === 'Lunch');
  await window.page.keyboard.press('End');
  await window.type('.');
  await window.page.keyboard.press('Enter');
  await live.until('it is kept no more', () => keptFields() === '');
  await live.until('all hear it', () => grace.heard().some(({ text }) => text === 'Lunch.'));
  // Whoever answers has read what they answer to.
  await unread('').waitFor({ state: 'detached' });
  await grace.say('Not yet.');
  await unread('1').waitFor();
  // The palette knows it from the view, which counts apart.
  await window.page.locator('.activitybar .badge-content', { hasText: '1' }).first().waitFor();
  await keysKnown(window);
  await window.runFromPalette('Agent World: Mark Messages as Read');
  await unread('').waitFor({ state: 'detached' });
});

test('a checkpoint is set by keys, and listed with those of agents', async () => {
  await agent.checkpoint('after the rewrite');
  // Rows that do not fit into the view are not there.
  await window.page.locator('.pane-header[aria-label^="Claims"]').click();
  await window.runFromPalette('Agent World: Set a Checkpoint…');
  await quickInput().getByText('Set a checkpoint').waitFor();
  await window.type('before lunch');
  await window.page.keyboard.press('Enter');
  await note('before lunch').waitFor();
  assert.equal(
    await note('after the rewrite').getAttribute('aria-label'),
    'Checkpoint after the rewrite, rewriter, just now',
  );
  assert.deepEqual(
    agent.checkpoints().map(({ name }) => name),
    ['before lunch', 'after the rewrite'],
  );
});

test('who wants notifications of messages gets them for those to them, with an answer at hand', async () => {
  await window.evaluate((vscode) =>
    vscode.workspace.getConfiguration('agentWorld').update('messages.notify', 'toMe', true),
  );
  // What is said in a conversation that the user has before them is read at once.
  await window.openFile('mine.md');
  await agent.say('To all, again.');
  await agent.say('Is it you?', live.session.identity);
  await unread('2').waitFor();
  const asked = await told(live, window, /rewriter: Is it you\?/);
  const list = window.page.locator('.notifications-center');
  assert.equal(await list.getByText('To all, again.').count(), 0);
  await asked.getByRole('button', { name: 'Reply…' }).click();
  await quickInput().getByText('Message to rewriter').waitFor();
  await window.type('Yes.');
  await window.page.keyboard.press('Enter');
  await live.until('the agent hears it', () => agent.heard().some(({ text }) => text === 'Yes.'));
  await window.command('notifications.hideList');
  await window.runFromPalette('Agent World: Mark Messages as Read');
  await unread('').waitFor({ state: 'detached' });
});

test('messages in every theme, and what was read stays read in the next window', async () => {
  await grace.say('Now?', live.session.identity);
  await unread('1').waitFor();
  await note('Grace').filter({ hasText: '1 unread' }).waitFor();
  await clickRow(note('you: Yes.'));
  await window.page.locator('.view-line', { hasText: 'Yes.' }).waitFor();
  await pictureInEveryTheme(window, 'messages');
  await window.reload();
  await waitUntilBound(window);
  await unread('1').waitFor();
  await unread('1').click();
  await window.page.locator('.view-line', { hasText: 'Now?' }).waitFor();
  await unread('').waitFor({ state: 'detached' });
});

function pathClaims() {
  return [...live.session.view.pathClaims.claims.values()].map(({ pattern, isGlob, reason }) => ({
    pattern,
    isGlob,
    reason,
  }));
}

/** The count of unread messages in the status bar. */
function unread(count: string) {
  const mail = window.page.locator('.codicon-mail');
  return window.page.locator('.statusbar-item').filter({ hasText: count, has: mail });
}

async function claimOfGrace(firstLine: number, lastLine: number): Promise<number> {
  await grace.read('theirs.md');
  const claim = await grace.claim('theirs.md', { firstLine, lastLine }, 'my part', 10 * MINUTE_MS);
  assert.ok(claim.tag === 'claimed', JSON.stringify(claim));
  return claim.lock.lockId;
}

function theClaim(): SoftLock {
  const [lock, ...others] = live.session.view.locks.values();
  assert.ok(lock && others.length === 0);
  return lock;
}

/**
 * Waits until the bell in the status bar says that there is something new. The list of notifications is looked at
 * after that: an entry that comes while VS Code shows the list empty stays in it after all are cleared
 * (VS Code 1.139). Nothing pops up in a VS Code that tests drive.
 */
async function untilNotified(): Promise<void> {
  await window.page.locator('#status\\.notifications .codicon-bell-dot').waitFor();
}

/** What notifications say of claims. */
async function warnings(): Promise<readonly string[]> {
  return (await notifications(window)).filter((text) => text.includes('has claimed'));
}

/** Waits until the line with this text carries a note. */
async function waitForNotedLine(note: string, text: string): Promise<void> {
  const isThere = (wanted: { readonly note: string; readonly text: string }): boolean => {
    const page = globalThis as unknown as ShownPage;
    return [...page.document.querySelectorAll('.view-line span')].some(
      (span) =>
        page.getComputedStyle(span, '::after').content.includes(wanted.note) &&
        span.closest('.view-line').textContent === wanted.text,
    );
  };
  await window.page.waitForFunction(isThere, { note, text });
}

interface ShownSpan {
  closest(selector: string): { readonly textContent: string };
}

interface ShownPage {
  readonly document: { querySelectorAll(selector: string): Iterable<ShownSpan> };
  getComputedStyle(element: ShownSpan, pseudo: string): { readonly content: string };
}

async function writeToEverybody(): Promise<void> {
  await window.runFromPalette('Agent World: Write a Message…');
  await quickInput().getByText('Who is the message for?').waitFor();
  await window.type('Everybody');
  await window.page.keyboard.press('Enter');
  await quickInput().getByText('Message to everybody').waitFor();
}

function box() {
  return quickInput().locator('.quick-input-box input');
}

/** What is kept of fields whose text was not sent. */
function keptFields(): string {
  const files = fs.globSync('typed/*/*.json', { cwd: live.home });
  const fields = files.map((file) => fs.readFileSync(path.join(live.home, file), 'utf8'));
  return fields.filter((field) => field.includes('"message all"')).join('\n');
}

function quickInput() {
  return window.page.locator('.quick-input-widget');
}

/** In the view of claims. */
function claim(text: string) {
  return viewRow(window, 'Claims', text);
}

/** In the view of messages and checkpoints. */
function note(text: string) {
  return viewRow(window, 'Messages', text);
}
