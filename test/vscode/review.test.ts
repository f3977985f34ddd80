// What agents did, in a person's window: seen by agent, turn, file and change, and kept or taken back by mouse and keys.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Locator } from 'playwright-core';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { heardBy } from '../../src/agents/own-concerns.ts';
import { SessionTaker } from '../../src/agents/session-taker.ts';
import { beginTurn, endTurn } from '../../src/world/turns.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { deleteFile } from '../../src/world/change-file.ts';
import { LiveFolder, waitUntilBound } from './harness/live-folder.ts';
import { pictureInEveryTheme } from './harness/themes.ts';
import { chooseInMenu } from './harness/row-menu.ts';
import { clickRow, pressInRow } from './harness/row-press.ts';
import { untilMarked } from './harness/shown.ts';
import { foldViews, viewRow } from './harness/view-rows.ts';
import type { EditorWindow } from './harness/window.ts';

const LINES = Array.from({ length: 12 }, (_, line) => `line ${line + 1}`);
const TEXT = `${LINES.join('\n')}\n`;

let live: LiveFolder;
let window: EditorWindow;
let bot: AgentSession;

before(async () => {
  live = await LiveFolder.start({
    files: { 'src/a.md': TEXT, 'b.md': TEXT, 'gone.md': 'gone by bot\n' },
    settings: { 'files.autoSave': 'off' },
  });
  bot = await live.joinAgent('bot');
  window = await live.openWindow();
  await window.openFile('src/a.md');
});

after(() => live.dispose());

test('nothing to look at: there is no such view', async () => {
  await window.command('workbench.view.extension.agentWorld');
  await window.page.locator('.pane-header[aria-label^="Members"]').waitFor();
  assert.equal(await header().count(), 0);
});

test('what an agent did is listed by file and change; one change is kept, another taken back', async () => {
  await replace('src/a.md', 'line 2', 'line two, by bot');
  await replace('src/a.md', 'line 6', 'line six, by bot\nand one more, by bot');
  await replace('src/a.md', 'line 10\n', '');
  await replace('b.md', 'line 1\n', 'line one, by bot\n');
  assert.equal((await bot.create('made.md', 'by bot\n')).tag, 'applied');
  await header().waitFor();
  // Its rows are to be seen.
  await foldViews(window, ['Conflicts', 'Members', 'Claims', 'Messages']);
  await row('bot').waitFor();
  await live.until('its files are counted', async () => {
    return /^bot, \d+ changes · 3 files/.test((await row('bot').getAttribute('aria-label')) ?? '');
  });
  await open('a.md');
  await row('Line 2 changed').waitFor();
  await live.until('its changes are counted', async () => (await badge('a.md')) === '"±3"');
  await row('Removed at line').waitFor();
  await pictureInEveryTheme(window, 'review');
  await pressInRow(row('Line 2 changed'), 'Keep');
  await row('Line 2 changed').waitFor({ state: 'detached' });
  assert.match(await live.worldText('src/a.md'), /line two, by bot/);
  await pressInRow(row('Removed at line'), 'Take Back');
  await row('Removed at line').waitFor({ state: 'detached' });
  const back = TEXT.replace('line 2', 'line two, by bot').replace(
    'line 6',
    'line six, by bot\nand one more, by bot',
  );
  await live.untilText('src/a.md', back);
});

test('by keys: the next change, and what a person wrote in it stays when it is taken back', async () => {
  await window.openFile('src/a.md');
  await window.placeCursor(0, 0);
  await window.runFromPalette('Agent World: Go to the Next Change of an Agent');
  await window.waitForCursor(5, 0);
  await window.placeCursor(6, 0);
  await window.type('Ada: ');
  await window.command('workbench.action.files.save');
  await live.until('it is there', async () =>
    (await live.worldText('src/a.md')).includes('Ada: and one more'),
  );
  await window.placeCursor(5, 0);
  await window.runFromPalette('Agent World: Take Back Agents’ Work on These Lines');
  await live.until('it is taken back', async () => {
    const text = await live.worldText('src/a.md');
    return !text.includes('line six') && text.includes('line 6');
  });
  assert.match(await live.worldText('src/a.md'), /Ada: /);
});

test('while a turn runs it is taken back at its end, also after a reload, and the agent is told why', async () => {
  await new SessionTaker(bot.session).take('afternoon');
  const asked = { session: 'afternoon', name: '', client: 'a-client', title: 'Tidy up' };
  await beginTurn(bot.session, asked, systemRandomBytes);
  await replace('b.md', 'line 5', 'line five, by bot');
  await row('Tidy up').waitFor();
  await choose(row('Tidy up'), 'Take Back When the Turn Ends…');
  await window.page.locator('.quick-input-widget input:focus').waitFor();
  await window.type('Not this line.');
  await window.page.keyboard.press('Enter');
  await waiting().waitFor();
  await pictureInEveryTheme(window, 'review-waiting');
  await window.reload();
  await waitUntilBound(window);
  await waiting().waitFor();
  assert.match(await live.worldText('b.md'), /line five/);
  await endTurn(bot.session, 'afternoon', systemRandomBytes);
  await live.until('it is taken back', async () => /^line 5$/m.test(await live.worldText('b.md')));
  await row('Tidy up').waitFor({ state: 'detached' });
  await live.until('the agent is told', () =>
    heardBy(bot.session, 0).some(({ text }) => text.endsWith('My words: Not this line.')),
  );
});

test('all that agents did is opened in one editor, a deleted file with the text that it had', async () => {
  const changer = { session: bot.session, randomBytes: systemRandomBytes, author: '' };
  await deleteFile(changer, bot.session.view.fileAt('gone.md')!);
  await row('gone.md').waitFor();
  await pressInRow(header(), 'Open All Changes of Agents');
  await window.page.locator('.tab', { hasText: 'Agents’ work: all agents' }).waitFor();
  await window.page.locator('.multiDiffEntry', { hasText: 'gone.md' }).waitFor();
  await pictureInEveryTheme(window, 'review-all');
  await clickRow(row('gone.md'));
  await window.page.locator('.tab', { hasText: 'gone.md (agents’ work)' }).waitFor();
  await window.page.locator('.view-line', { hasText: 'gone by bot' }).first().waitFor();
  await pressInRow(row('gone.md'), 'Take Back');
  await live.until('it is back', () => live.session.view.fileAt('gone.md') !== undefined);
  await row('gone.md').waitFor({ state: 'detached' });
});

test('a change is opened beside the file without it, and a whole agent is kept or taken back', async () => {
  await row('made.md').waitFor();
  await clickRow(row('b.md'));
  await window.page.locator('.tab', { hasText: 'b.md (agents’ work)' }).waitFor();
  await window.screenshot('review-diff');
  await window.closeAllEditors();
  await window.openFile('b.md');
  await untilMarked(window, 'line one, by bot');
  await window.page.locator('.view-line', { hasText: 'line one, by bot' }).hover({
    position: { x: 30, y: 8 },
  });
  const hover = window.page.locator('.monaco-hover', { hasText: 'bot: Line 1 changed' });
  await hover.waitFor();
  assert.match(await hover.innerText(), /Before:\s+line 1/);
  await window.screenshot('review-hover');
  await hover.getByRole('link', { name: 'Keep' }).click();
  await row('b.md').waitFor({ state: 'detached' });
  assert.match(await live.worldText('b.md'), /line one, by bot/);
  await pressInRow(row('made.md'), 'Take Back');
  await live.until('it is gone', () => live.session.view.fileAt('made.md') === undefined);
  await pressInRow(row('bot'), 'Keep');
  await header().waitFor({ state: 'detached' });
  assert.equal(live.session.view.unreviewed.files.size, 0);
  assert.equal((await live.verify()).tag, 'verified');
});

function header(): Locator {
  return window.page.locator('.pane-header[aria-label^="Agents’ Work"]');
}

function waiting(): Locator {
  return row('Tidy up').filter({ hasText: 'goes at the turn’s end' });
}

/** By the menu of a row. */
function choose(where: Locator, item: string): Promise<void> {
  return chooseInMenu(window, where, item);
}

function row(text: string): Locator {
  return viewRow(window, 'Agents’ Work', text).first();
}

/** What stands behind a file's name, as CSS has it. */
function badge(text: string): Promise<string> {
  const name = row(text).locator('.monaco-icon-label').first();
  return name.evaluate((element) => {
    const page = globalThis as unknown as {
      getComputedStyle(element: unknown, pseudo: string): { readonly content: string };
    };
    return page.getComputedStyle(element, '::after').content;
  });
}

/** Opens a row that is closed; its change is shown beside. */
async function open(text: string): Promise<void> {
  await row(text).waitFor();
  await clickRow(row(text).locator('.monaco-tl-twistie'));
}

async function replace(file: string, search: string, replacement: string): Promise<void> {
  await bot.read(file);
  const edited = await bot.replace(file, [{ search, replacement }]);
  assert.equal(edited.tag, 'applied', JSON.stringify(edited));
}
