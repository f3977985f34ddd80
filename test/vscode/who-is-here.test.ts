// Who is here and what they do, in a person's window: agents at work, stopped and let go on by one key.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Locator } from 'playwright-core';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { SessionTaker } from '../../src/agents/session-taker.ts';
import { readingActivity } from '../../src/world/reading-activity.ts';
import { beginTurn, endTurn } from '../../src/world/turns.ts';
import { LiveFolder } from './harness/live-folder.ts';
import { pictureInEveryTheme } from './harness/themes.ts';
import { told } from './harness/told.ts';
import { viewRow } from './harness/view-rows.ts';
import type { EditorWindow } from './harness/window.ts';

const TURN = { session: 's', name: '', client: 'a-client', title: 'tidying up' };

const LONG = Array.from({ length: 40 }, (_, line) => `line ${line + 1}\n`).join('');

let live: LiveFolder;
let window: EditorWindow;
let bot: AgentSession;
let idle: AgentSession;

before(async () => {
  live = await LiveFolder.start({
    files: { 'src/a.md': 'one\ntwo\nthree\n', 'b.md': 'b\n', 'long.txt': LONG },
    settings: { 'files.autoSave': 'off' },
  });
  bot = await live.joinAgent('bot');
  idle = await live.joinAgent('idle');
  window = await live.openWindow();
});

after(() => live.dispose());

test('an agent at work is seen with place, line, what it does, and what waits of it', async () => {
  await new SessionTaker(bot.session).take(TURN.session);
  await beginTurn(bot.session, TURN, live.surroundings.randomBytes);
  const read = await bot.read('src/a.md');
  assert.ok(read.tag === 'text');
  assert.equal(
    (await bot.claim('src/a.md', { firstLine: 0, lastLine: 0 }, 'mine', 60_000)).tag,
    'claimed',
  );
  assert.equal(
    (await bot.replace('src/a.md', [{ search: 'two', replacement: 'zwei' }])).tag,
    'applied',
  );
  bot.showPlace(read, { firstLine: 1, lastLine: 1 }, 'editing');
  await window.command('agentWorld.members.focus');
  const words =
    /^bot, agent, at work · in src\/a\.md:2 · editing · unreviewed: 1 · claims: 1 · editor/;
  await live.until('all of it is shown', async () =>
    words.test((await row('bot').getAttribute('aria-label')) ?? ''),
  );
  await pictureInEveryTheme(window, 'who-is-here');
  await row('bot').click({ button: 'right' });
  const menu = window.page.locator('.context-view');
  for (const name of ['Follow', 'Write a Message', 'Pause a Member', 'Take Back', 'Remove']) {
    await menu.getByText(name).first().waitFor();
  }
  await window.screenshot('who-is-here-menu');
  await window.page.keyboard.press('Escape');
});

test('one key pauses all agents while one writes: it is refused, and so is nobody else', async () => {
  await window.openFile('b.md');
  await window.page.keyboard.press('Control+Alt+Shift+P');
  await live.until('both are paused', () => paused('bot') && paused('idle'));
  await toldOnce(/Paused: /);
  const edit = await bot.replace('src/a.md', [{ search: 'three', replacement: 'drei' }]);
  assert.ok(edit.tag === 'refused');
  assert.equal(edit.refusal.code, 'paused');
  assert.equal(edit.refusal.details['by'], live.session.identity);
  await window.placeCursor(0, 1);
  await window.type(', by Ada');
  await live.untilText('b.md', 'b, by Ada\n');
});

test('one key lets all go on; where one then reads what another changes there is a mark with words', async () => {
  await window.page.keyboard.press('Control+Alt+Shift+E');
  await live.until('nobody is paused', () => !paused('bot') && !paused('idle'));
  await window.openFile('src/a.md');
  const read = await idle.read('src/a.md');
  assert.ok(read.tag === 'text');
  const lines = { firstLine: 0, lastLine: 2 };
  idle.showPlace(read, lines, readingActivity({ firstLine: 1, lastLine: 3 }));
  await aboutToMeet().waitFor();
  await pictureInEveryTheme(window, 'who-is-here-meeting');
  await window.page.setViewportSize({ width: 900, height: 620 });
  await pictureInEveryTheme(window, 'who-is-here-meeting-narrow');
  await window.page.setViewportSize({ width: 1280, height: 800 });
  await window.runFromPalette('Agent World: Go to the Next Place Where Members Are About to Meet');
  await window.waitForCursor(1, 0);
  const words = 'bot changes these lines in a turn that is running, and idle has read them.';
  await window.page.locator('.monaco-hover').getByText(words).waitFor();
  await window.screenshot('who-is-here-meeting-hover');
  await window.page.keyboard.press('Escape');
  await markMeetings(false);
  await aboutToMeet().waitFor({ state: 'hidden' });
  await markMeetings(true);
  await aboutToMeet().waitFor();
});

test('far apart in one function they meet where a language server tells of it', async () => {
  await window.openFile('long.txt');
  await window.evaluate((vscode) => {
    const { DocumentSymbol, languages, Range, SymbolKind } = vscode;
    const range = new Range(0, 0, 39, 0);
    const all = new DocumentSymbol('all', '', SymbolKind.Function, range, range);
    languages.registerDocumentSymbolProvider(
      { pattern: '**/long.txt' },
      { provideDocumentSymbols: () => [all] },
    );
  });
  const read = await idle.read('long.txt');
  assert.ok(read.tag === 'text');
  await bot.read('long.txt');
  const change = { search: 'line 31', replacement: 'thirty-one' };
  assert.equal((await bot.replace('long.txt', [change])).tag, 'applied');
  const lines = { firstLine: 0, lastLine: 1 };
  idle.showPlace(read, lines, readingActivity({ firstLine: 1, lastLine: 2 }));
  await window.page
    .getByRole('button', { name: /^About to meet: 1\. Line 31: .* in the same symbol/ })
    .waitFor();
  await window.openFile('src/a.md');
});

test('the end of a turn is told, and the mark is gone', async () => {
  await bot.read('src/a.md');
  const edit = await bot.replace('src/a.md', [{ search: 'three', replacement: 'drei' }]);
  assert.equal(edit.tag, 'applied');
  await endTurn(bot.session, 's', live.surroundings.randomBytes);
  await aboutToMeet().waitFor({ state: 'hidden' });
  await window.screenshot('who-is-here-met');
  await toldOnce(/Done: bot\./);
  await row('bot').filter({ hasText: 'done' }).waitFor();
});

test('in a narrow window the state and the place of an agent are to be read', async () => {
  await window.page.setViewportSize({ width: 900, height: 620 });
  await row('bot').filter({ hasText: 'done · in src/a.md' }).waitFor();
  await window.screenshot('who-is-here-narrow');
});

test('who was done in a world that was left is counted no more', async () => {
  await window.command('workbench.view.explorer');
  await beginTurn(bot.session, TURN, live.surroundings.randomBytes);
  await endTurn(bot.session, TURN.session, live.surroundings.randomBytes);
  const badge = window.page
    .locator('.activitybar .action-item', { has: window.page.getByLabel(/^Agent World/) })
    .locator('.badge-content', { hasText: '1' });
  await badge.waitFor();
  await window.runFromPalette('Agent World: Leave This World…');
  await window.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Leave' }).click();
  await badge.waitFor({ state: 'hidden' });
});

/** Looks for a notification, and puts it away. */
async function toldOnce(message: RegExp): Promise<void> {
  await told(live, window, message);
  await window.screenshot(`who-is-here-${message.source.split(':')[0]!.toLowerCase()}`);
  await window.command('notifications.clearAll');
}

async function markMeetings(isOn: boolean): Promise<void> {
  await window.evaluate(
    ({ workspace, ConfigurationTarget: { Global } }, value) =>
      workspace.getConfiguration('agentWorld').update('presence.meetings', value, Global),
    isOn,
  );
}

/** What the status bar says of the file in front. */
function aboutToMeet(): Locator {
  return window.page.getByRole('button', { name: 'About to meet: 1. Line 2: ' });
}

function paused(name: string): boolean {
  const member = [...live.session.view.members.values()].find(
    ({ displayName }) => displayName === name,
  );
  return member?.paused === true;
}

function row(text: string): Locator {
  return viewRow(window, 'Members', text).first();
}
