// A folder that is in no world, from the moment before it is trusted: what the views say to do next.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startEditor, type Editor } from './harness/editor.ts';
import { waitUntilBound } from './harness/live-folder.ts';
import type { EditorWindow } from './harness/window.ts';

let scratch: string;
let editor: Editor;
let window: EditorWindow;

before(async () => {
  scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-first-')));
  fs.writeFileSync(path.join(scratch, 'notes.md'), 'notes\n');
  editor = await startEditor({
    asksForTrust: true,
    settings: {
      'security.workspace.trust.startupPrompt': 'never',
      // Else the question about trust lies over everything.
      'workbench.editor.useModal': 'off',
    },
  });
  window = await editor.openWindow(scratch, { size: { width: 1680, height: 900 } });
  window.page.setDefaultTimeout(15_000);
});

after(async () => {
  await editor.dispose();
  fs.rmSync(scratch, { recursive: true, force: true });
});

test('in a folder that is not trusted nothing is done, and the view and the commands say so', async () => {
  await window.command('workbench.view.extension.agentWorld');
  await welcome('does nothing here until you trust it').waitFor();
  await window.screenshot('get-started-untrusted');
  void window.command('agentWorld.openFolder');
  await window.command('notifications.showList');
  await window.page
    .locator('.notification-list-item', { hasText: 'until you trust it' })
    .getByRole('button', { name: 'Manage Workspace Trust' })
    .click();
  await window.page
    .locator('.workspace-trust-editor')
    .getByRole('button', { name: 'Trust' })
    .click();
  await welcome('This folder is in no world yet').waitFor();
  // Built-in extensions that the tests leave out complain once the folder is trusted.
  await window.command('notifications.clearAll');
  await window.command('notifications.hideList');
  assert.equal(fs.existsSync(path.join(editor.home, 'worlds')), false, 'no world was made');
});

test('a trusted window without a world has loaded one file, and written none', async () => {
  // It shows this once it knows that the folder is in no world.
  await window.page.locator('.statusbar-item', { hasText: 'Agent World' }).waitFor();
  const loaded = await window.evaluate(() => {
    const { _cache } = process.getBuiltinModule('node:module') as unknown as {
      readonly _cache: Readonly<Record<string, unknown>>;
    };
    const own = /[\\/]dist[\\/](?:extension|window|chat-agent|commands|cli)\.cjs$/;
    return Object.keys(_cache).filter((file) => own.test(file));
  });
  assert.deepEqual(
    loaded.map((file) => path.basename(file)),
    ['extension.cjs'],
  );
  assert.deepEqual(namesIn(editor.home), [], 'nothing is in the home');
  const kept = namesIn(path.join(editor.dataFolder, 'data'));
  assert.deepEqual(
    kept.filter((name) => /agent.?world/i.test(path.basename(name))),
    [],
    'VS Code keeps no log and no state of it',
  );
});

test('the walkthrough opens, with pictures of its own', async () => {
  await window.page.getByRole('button', { name: 'Take the first five minutes' }).click();
  const page = window.page.locator('.gettingStartedContainer');
  await page.getByText('The First Five Minutes of Agent World').first().waitFor();
  for (const step of STEPS) {
    await page.getByRole('button', { name: step }).first().click();
    await page.locator('.getting-started-step.expanded', { hasText: step }).waitFor();
    await window.screenshot(`walkthrough-${STEPS.indexOf(step) + 1}`);
  }
});

for (const theme of ['Default High Contrast', 'Default Light Modern', 'Default Dark Modern']) {
  test(`getting started in the theme ${theme}`, async () => {
    await window.evaluate(
      (vscode, name) =>
        vscode.workspace.getConfiguration('workbench').update('colorTheme', name, true),
      theme,
    );
    const page = window.page.locator('.gettingStartedContainer');
    await page.getByRole('button', { name: STEPS[2]! }).first().click();
    await page.locator('.getting-started-step.expanded', { hasText: STEPS[2]! }).waitFor();
    await window.screenshot(`get-started-${theme.toLowerCase().replaceAll(' ', '-')}`);
  });
}

test('the view makes a world of the folder, and gives way to the views of the world', async () => {
  await window.page.getByRole('button', { name: 'Open This Folder in a World' }).first().click();
  await waitUntilBound(window);
  await welcome('This folder is in no world yet').waitFor({ state: 'detached' });
  await window.page.locator('.sidebar').getByText('Members').first().waitFor();
});

/** What a folder has, however deep. */
function namesIn(folder: string): readonly string[] {
  return fs.existsSync(folder) ? (fs.readdirSync(folder, { recursive: true }) as string[]) : [];
}

const STEPS = [
  'Open a folder in a world',
  'Watch two agents at work',
  'See where the others are',
  'Follow somebody',
  'Bring people and agents along',
  'Decide where edits meet',
  'Trust the history',
];

function welcome(text: string) {
  return window.page.locator('.sidebar .welcome-view-content', { hasText: text });
}
