// `npm start` as a user meets it: nothing of the tests' own VS Code set-up is used here.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { stopHost } from '../../src/host/handover.ts';
import { WorldList } from '../../src/world/world-list.ts';
import { until } from '../harness/host-life.ts';
import { alive, StartedCommand } from '../harness/started-command.ts';
import { startBrowser } from './harness/browser.ts';

const WAIT = { timeout: 60_000 };

let place: string;
let home: string;
let browser: Browser;
let context: BrowserContext;
const commands: StartedCommand[] = [];

before(async () => {
  place = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-start-')));
  home = path.join(place, 'home');
  browser = await startBrowser();
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
});

after(async () => {
  for (const command of commands) command.interrupt();
  await Promise.all(commands.map((command) => command.ended()));
  await browser.close();
  await stopHost({ home });
  fs.rmSync(place, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

function npmStart(...args: string[]): StartedCommand {
  const command = new StartedCommand(['--browser', ...args], home);
  commands.push(command);
  return command;
}

let firstOps: number;
let firstWorld: string;

test('npm start: an address to open, agents beside the typing, a second window; Ctrl-C ends it all', async () => {
  const command = npmStart();
  const [address] = await command.printed(
    /http:\/\/127\.0\.0\.1:\d+\/\?tkn=[0-9a-f]{48}&folder=\S+/,
  );
  const withoutToken = await fetch(address.replace(/tkn=\w+&/, ''));
  assert.equal(withoutToken.status, 403, 'nobody else gets in');

  const first = await openWindow(address, 'new to this folder');
  const opening = openWindow(address, 'trusted before');
  // There is something to see at once: an agent at work in an open file, and who is here.
  await first.locator('.tab.active').filter({ hasText: 'start-here.md' }).waitFor(WAIT);
  await shows(first, 'I am an agent');
  await first.locator('.sidebar .monaco-list-row', { hasText: 'Writer' }).waitFor(WAIT);
  await first.screenshot({ path: picture('start-first') });
  await openReadme(first);
  await first.keyboard.press('Control+End');
  await first.keyboard.type('\n## Typed by a reader\n', { delay: 30 });
  await first.keyboard.press('Control+Home');
  await shows(first, '(#typed-by-a-reader)');

  const second = await opening;
  await openReadme(second);
  await shows(second, '(#typed-by-a-reader)');
  await second.keyboard.press('Control+Home');
  await second.keyboard.press('End');
  await second.keyboard.type(', twice', { delay: 30 });
  await shows(first, ', twice');
  await second.screenshot({ path: picture('start-second') });

  // The editor saves by itself.
  await until(() => readme().includes('Typed by a reader'));
  const processes = command.processes();
  assert.ok(processes.length > 3, 'the server, extension hosts, agents and the host were seen');
  command.interrupt();
  assert.equal(await command.ended(), 0, command.output);
  assert.deepEqual(alive(processes), []);
  const [, ops] = await command.printed(/^verified (\d+) ops/m);
  firstOps = Number(ops);
  firstWorld = await onlyWorld();
});

test('the next npm start goes on with the same world and history', async () => {
  const command = npmStart('--for', '1s');
  assert.equal(await command.ended(), 0, command.output);
  const [, ops] = await command.printed(/^verified (\d+) ops/m);
  assert.ok(Number(ops) >= firstOps, `${ops} after ${firstOps}`);
  assert.equal(await onlyWorld(), firstWorld);
  assert.match(readme(), /Typed by a reader/);
});

test('a history that was tampered with is told by the exit code', async () => {
  tamper('npm run serve', 'npm run steal');
  const command = npmStart('--for', '1s');
  assert.equal(await command.ended(), 1, command.output);
  await command.printed(/^does not verify: op \d+: /m);
});

/** VS Code asks once before it runs anything in a folder that is new to it; the answer is kept. */
async function openWindow(
  address: string,
  folder: 'new to this folder' | 'trusted before',
): Promise<Page> {
  const page = await context.newPage();
  await page.goto(address);
  if (folder === 'new to this folder') {
    await page.getByRole('button', { name: 'Yes, I trust the authors' }).click(WAIT);
  }
  const globe = page.locator('.codicon-globe');
  await page.locator('.statusbar-item').filter({ hasText: 'notebook', has: globe }).waitFor(WAIT);
  return page;
}

async function openReadme(page: Page): Promise<void> {
  const explorer = page.locator('.activitybar .action-item', {
    has: page.locator('[aria-label^="Explorer"]'),
  });
  const files = page.locator('.explorer-folders-view');
  if (!(await files.isVisible())) await explorer.click(WAIT);
  await page
    .locator('.explorer-folders-view')
    .getByText('README.md', { exact: true })
    .dblclick(WAIT);
  await page.locator('.tab.active').filter({ hasText: 'README.md' }).waitFor(WAIT);
  await page.locator('.monaco-editor .view-line').first().click(WAIT);
}

async function shows(page: Page, text: string): Promise<void> {
  await page.locator('.view-line').filter({ hasText: text }).first().waitFor(WAIT);
}

async function onlyWorld(): Promise<string> {
  const [world, ...others] = await new WorldList(home).all();
  assert.deepEqual(others, []);
  assert.ok(world);
  return world.database;
}

function readme(): string {
  return fs.readFileSync(path.join(home, 'demo', 'notebook', 'README.md'), 'utf8');
}

/** Puts other words of the same length wherever the world's database has these. */
function tamper(words: string, others: string): void {
  const [database = ''] = fs.globSync(path.join(home, 'databases', '*', 'world.db'));
  const file = new DatabaseSync(database);
  const rows = file.prepare('SELECT id, bytes FROM row').all();
  const found = rows.filter(({ bytes }) => Buffer.from(bytes as Uint8Array).includes(words));
  assert.ok(found.length > 0, 'the history has the words');
  for (const { id, bytes } of found) {
    const changed = Buffer.from(bytes as Uint8Array);
    changed.write(others, changed.indexOf(words));
    file.prepare('UPDATE row SET bytes = ? WHERE id = ?').run(changed, id as number);
  }
  file.close();
}

function picture(name: string): string {
  const folder = path.join(projectRoot, 'test-results');
  fs.mkdirSync(folder, { recursive: true });
  return path.join(folder, `${name}.png`);
}
