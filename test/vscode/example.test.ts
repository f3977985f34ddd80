// A newcomer without a world: one click, and an agent is at work in an open file.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { WorldList } from '../../src/world/world-list.ts';
import { until } from '../harness/until.ts';
import { startEditor, type Editor } from './harness/editor.ts';
import type { EditorWindow } from './harness/window.ts';

const WAIT = { timeout: 60_000 };

let scratch: string;
let editor: Editor;
let window: EditorWindow;
let example: Page;

before(async () => {
  scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-newcomer-')));
  editor = await startEditor();
  window = await editor.openWindow(scratch);
});

after(async () => {
  await editor.dispose();
  fs.rmSync(scratch, { recursive: true, force: true });
});

test('without a world the side bar is one view, whose button opens an example with an agent at work', async () => {
  await window.command('workbench.view.extension.agentWorld');
  const button = window.page.getByRole('button', { name: 'Try It on an Example' });
  await button.waitFor(WAIT);
  assert.deepEqual(await viewsIn(window.page), ['Get Started']);
  await window.screenshot('example-welcome');
  const opening = window.page.context().waitForEvent('page', WAIT);
  await button.click();
  example = await opening;
  await example.setViewportSize({ width: 1280, height: 800 });
  await example.locator('.tab.active', { hasText: 'start-here.md' }).waitFor(WAIT);
  await example.locator('.view-line', { hasText: 'I am an agent' }).waitFor(WAIT);
  await example.locator('.sidebar .monaco-list-row[aria-label^="Writer, agent"]').waitFor(WAIT);
  const open = await viewsIn(example, '.expanded');
  assert.ok(open.length <= 3, open.join());
  await example.screenshot({ path: 'test-results/example.png' });
});

test('what is typed at once stands beside what the agent writes', async () => {
  await example.keyboard.type(' typed by a newcomer');
  const line = example.locator('.view-line', { hasText: /^-.typed.by.a.newcomer$/ });
  await line.waitFor(WAIT);
  await example.locator('.view-line', { hasText: 'I write into the same file' }).waitFor(WAIT);
});

test('the example is removed with its world', async () => {
  await example.keyboard.press('F1');
  await example.locator('.quick-input-widget input:focus').waitFor(WAIT);
  await example.keyboard.type('Agent World: Remove the Example');
  await example
    .locator('.quick-input-list .monaco-list-row.focused', { hasText: 'Remove the Example' })
    .waitFor(WAIT);
  await example.keyboard.press('Enter');
  await example.locator('.monaco-dialog-box').getByRole('button', { name: 'Remove' }).click(WAIT);
  await until(() => !fs.existsSync(path.join(editor.home, 'demo', 'notebook')));
  assert.deepEqual(await new WorldList(editor.home).all(), []);
});

/** The titles of the views of the side bar, from the top. */
function viewsIn(page: Page, which = ''): Promise<string[]> {
  return page.locator(`.sidebar .pane-header${which} .title`).allInnerTexts();
}
