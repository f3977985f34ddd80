// A folder without git, in a real window: its first export makes a repository if one says so.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { GitLab } from '../harness/git-lab.ts';
import { LiveFolder } from './harness/live-folder.ts';
import { told } from './harness/told.ts';
import type { EditorWindow } from './harness/window.ts';
import { startWorldLeg, type WorldLeg } from './harness/world-leg.ts';

/** Nobody's, in the published form of a token. */
const TOKEN = `ghp_${'a1B2'.repeat(9)}`;

let live: LiveFolder;
let leg: WorldLeg;
let window: EditorWindow;

before(async () => {
  live = await LiveFolder.start({ files: { 'a.md': 'one\n', 'key.txt': `${TOKEN}\n` } });
  leg = await startWorldLeg(live.home);
  window = await live.openWindow(leg.env);
});

after(async () => {
  await leg.proxy.close();
  await live.dispose();
});

test('nothing is made of the folder before that is asked for, and what looks like a key holds it up', async () => {
  await window.runFromPalette('Agent World: Export to Git');
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.getByText('Its first commit is what the world is now: 2 files.').waitFor();
  await window.screenshot('git-init-question');
  await dialog.getByRole('button', { name: 'Make a Repository' }).click();
  const item = await told(live, window, /Not exported: one thing .*\(key\.txt\)/);
  await item.getByRole('button', { name: 'Open Settings' }).waitFor();
  assert.ok(!fs.existsSync(path.join(live.folder, '.git')));
  await window.command('notifications.clearAll');
});

test('where it is allowed the folder is a repository at once, with the files checked out', async () => {
  await window.evaluate((vscode) =>
    vscode.workspace
      .getConfiguration('agentWorld')
      .update('export.guardRails', { secrets: 'warn' }, true),
  );
  await window.runFromPalette('Agent World: Export to Git');
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.getByRole('button', { name: 'Make a Repository' }).click();
  const item = await told(live, window, /world\/project is at [0-9a-f]{12}: 2 files changed/);
  await item.getByRole('button', { name: 'Show Commit' }).click();
  await window.page.locator('.multiDiffEntry', { hasText: 'key.txt' }).first().waitFor();
  await window.screenshot('git-init-commit');
  const lab = new GitLab(live.folder);
  assert.equal(lab.git('status', '--porcelain', '--untracked-files=no'), '');
  assert.equal(lab.git('rev-parse', 'HEAD'), lab.git('rev-parse', 'world/project'));
  lab.fsck();
});
