// Makes the picture of the README again: `npm start` on the example, two windows of one person, and the
// moment at which an agent is seen at work. Writes docs/images/window.png.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { ensureChromium } from './setup/chromium.mjs';
import { projectRoot } from './setup/paths.mjs';
import { runMain, say, SetupError } from './setup/progress.mjs';

/** @typedef {import('playwright-core').Page} Page */

const WINDOW = { width: 1400, height: 860 };
const WAIT = { timeout: 90_000 };
/** Nothing but the folder and what happens in it. */
const settings = {
  'chat.disableAIFeatures': true,
  'editor.minimap.enabled': false,
  'editor.quickSuggestions': { other: 'off' },
  'editor.suggestOnTriggerCharacters': false,
  'editor.autoClosingQuotes': 'never',
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
};

await runMain(async () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-picture-'));
  const start = startOnExample(home);
  const ended = once(start, 'exit');
  const browser = await chromium.launch({
    executablePath: await ensureChromium(),
    args: process.getuid?.() === 0 ? ['--no-sandbox', '--disable-gpu'] : ['--disable-gpu'],
  });
  try {
    const address = await addressOf(start);
    const context = await browser.newContext({ viewport: WINDOW });
    const [shown, other] = [await openWindow(context, address), await openWindow(context, address)];
    const file = await takePicture(shown, other);
    say(`Wrote ${file}, ${Math.round(fs.statSync(file).size / 1024)} KiB.`);
  } finally {
    await browser.close();
    start.kill('SIGINT');
    await ended;
    fs.rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
});

function startOnExample(/** @type {string} */ home) {
  const folder = path.join(home, 'editor', 'data', 'User');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'settings.json'), JSON.stringify(settings));
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ...environment } = process.env;
  const name = {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'user.name',
    GIT_CONFIG_VALUE_0: 'Ada',
  };
  return spawn(process.execPath, [path.join(projectRoot, 'scripts', 'start.mjs'), '--browser'], {
    env: { ...environment, ...name, AGENT_WORLD_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** @returns {Promise<string>} */
async function addressOf(/** @type {import('node:child_process').ChildProcess} */ start) {
  let output = '';
  for await (const chunk of start.stdout ?? []) {
    output += String(chunk);
    const [address] = /http:\/\/127\.0\.0\.1:\d+\/\?tkn=\S+/.exec(output) ?? [];
    if (address !== undefined) {
      start.stdout?.on('data', () => undefined);
      return address;
    }
  }
  throw new SetupError(`npm start gave no address.\n${output}`);
}

async function openWindow(
  /** @type {import('playwright-core').BrowserContext} */ context,
  /** @type {string} */ address,
) {
  const page = await context.newPage();
  await page.goto(address);
  const globe = page.locator('.codicon-globe');
  await page.locator('.statusbar-item').filter({ hasText: 'notebook', has: globe }).waitFor(WAIT);
  return page;
}

/** The person types in both windows, and leaves work for the agents. */
async function takePicture(/** @type {Page} */ shown, /** @type {Page} */ other) {
  for (const page of [shown, other]) {
    await page.locator('.explorer-folders-view').getByText('src', { exact: true }).click(WAIT);
  }
  await openFile(shown, 'page.js');
  await shown.keyboard.press('Control+\\');
  await openFile(shown, 'README.md');
  await clearNotifications(shown);
  await openFile(other, 'page.js');
  await goToLine(shown, 28);
  await shown.keyboard.press('End');
  await shown.keyboard.type('\n\n## Writing together\n\nPeople and agents, at once');
  await goToLine(other, 3);
  await other.keyboard.type('export const   indexName="index.html"\n', { delay: 15 });
  await goToLine(other, 29);
  await other.keyboard.type('export const   title="Notebook"\n', { delay: 15 });
  await other.keyboard.press('ArrowUp');
  await other.keyboard.press('ArrowUp');
  await other.keyboard.press('ArrowUp');
  const file = path.join(projectRoot, 'docs', 'images', 'window.png');
  const names = ['Formatter', 'in another window'];
  await shown.waitForFunction(showsLabels, names, { ...WAIT, polling: 20 });
  await shown.screenshot({ path: file });
  return file;
}

async function openFile(/** @type {Page} */ page, /** @type {string} */ file) {
  const explorer = page.locator('.explorer-folders-view');
  await explorer.getByText(file, { exact: true }).dblclick(WAIT);
  const group = page.locator('.editor-group-container.active');
  await group.locator('.tab.active').filter({ hasText: file }).waitFor(WAIT);
  await group.locator('.monaco-editor.focused').waitFor(WAIT);
}

async function goToLine(/** @type {Page} */ page, /** @type {number} */ line) {
  await page.keyboard.press('Control+G');
  await page.locator('.quick-input-widget input').waitFor(WAIT);
  await page.keyboard.type(String(line));
  await page.keyboard.press('Enter');
  await page
    .locator('#status\\.editor\\.selection')
    .filter({ hasText: `Ln ${line}, Col 1` })
    .waitFor(WAIT);
}

async function clearNotifications(/** @type {Page} */ page) {
  await page.keyboard.press('F1');
  await page.keyboard.type('Notifications: Clear All');
  await page.locator('.quick-input-list .monaco-list-row.focused').waitFor(WAIT);
  await page.keyboard.press('Enter');
}

/** Runs in the page: names beside cursors are generated content, which no selector finds. */
function showsLabels(/** @type {readonly string[]} */ names) {
  const { document, getComputedStyle } = /** @type {any} */ (globalThis);
  // A name that is not at the end of its line is about to be drawn there.
  const atEnds = [...document.querySelectorAll('.view-line > span > span:last-child')];
  const labels = atEnds.map((element) => getComputedStyle(element, '::after').content);
  return names.every((name) => labels.some((label) => label.includes(name)));
}
