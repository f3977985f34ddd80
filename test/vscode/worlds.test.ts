// What can be done with worlds, by keys and mouse, in one window that is in one of them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { PERSON, openAsPerson } from '../../src/world/open-folder.ts';
import { publishModule } from '../../src/world/publish.ts';
import type { KnownWorld } from '../../src/world/world-list.ts';
import { openTestServer, type TestServer } from '../contract/engine-harness.ts';
import { LiveFolder, waitUntilBound } from './harness/live-folder.ts';
import { chooseByKeys } from './harness/row-menu.ts';
import { told } from './harness/told.ts';
import type { EditorWindow } from './harness/window.ts';

let live: LiveFolder;
let window: EditorWindow;
let place: string;
let other: TestServer;

before(async () => {
  live = await LiveFolder.start({
    files: { 'notes.md': 'one\ntwo\n', 'src/app.js': '' },
    isOnOwnHost: true,
  });
  place = path.dirname(live.folder);
  other = await openTestServer();
  await publishEarlierModule();
  window = await live.openWindow();
});

after(async () => {
  await live.dispose();
  await other.close();
});

test('an upgrade is offered where the module is an earlier one, and done on one click', async () => {
  // VS Code opens at last what was open before: what is opened earlier is not seen.
  await row('notes.md').waitFor();
  const offered = /runs the module of an earlier version/;
  await told(live, window, offered);
  await window.screenshot('worlds-upgrade-offer');
  await window.command('agentWorld.worlds.focus');
  await row('project').filter({ hasText: 'upgrade' }).waitFor();
  const offer = await told(live, window, offered);
  await offer.getByRole('button', { name: 'Upgrade' }).click();
  await told(live, window, /now, with all of its/);
  await row('project').filter({ hasText: 'upgrade' }).waitFor({ state: 'detached' });
  await waitUntilBound(window);
});

test('worlds are listed with folder, server and size', async () => {
  const label = await row('project').getAttribute('aria-label');
  assert.match(
    label ?? '',
    /World project, open in this window, this machine, .*B · \d+ ops, .*\/project$/,
  );
  await window.screenshot('worlds');
});

test('a world is backed up to a file, verified', async () => {
  await window.runFromPalette('Agent World: Back Up a World…');
  await choose('project');
  await answerPath(path.join(place, 'kept.world'));
  await told(live, window, /is backed up and verified/);
  assert.ok(fs.statSync(path.join(place, 'kept.world')).size > 1000);
  await window.command('notifications.clearAll');
});

test('a world gets another name, which everybody sees', async () => {
  await row('project').click({ button: 'right' });
  const menu = window.page.locator('.context-view');
  await menu.getByText('Rename a World…').waitFor();
  await window.screenshot('worlds-menu');
  await chooseByKeys(window, 'Rename a World…');
  await box().getByText('Another name for “project”').waitFor();
  await window.type('Atlas');
  await window.page.keyboard.press('Enter');
  await row('Atlas').waitFor();
  await window.page.locator('.statusbar-item').filter({ hasText: 'Atlas' }).first().waitFor();
  assert.equal(live.session.workspace?.name, 'Atlas');
});

test('a backup becomes a world of its own, in a new folder', async () => {
  await window.runFromPalette('Agent World: Restore a World from a Backup…');
  await answerPath(path.join(place, 'kept.world'));
  await choose('This machine’s own host');
  await box().getByText('A folder for the world’s files').waitFor();
  await window.screenshot('worlds-restore-folder');
  await box().locator('input').fill(live.folder);
  await box().getByText('is the folder of a world already').waitFor();
  await box().locator('input').fill(path.join(place, 'again'));
  await box().getByText('is the folder of a world already').waitFor({ state: 'detached' });
  await window.page.keyboard.press('Enter');
  await told(live, window, /“project” is restored/);
  await row('again').waitFor();
  assert.equal(fs.readFileSync(path.join(place, 'again', 'notes.md'), 'utf8'), 'one\ntwo\n');
  await window.screenshot('worlds-restored');
  await window.command('notifications.clearAll');
});

for (const theme of ['Default Light Modern', 'Default High Contrast', 'Default Dark Modern']) {
  test(`worlds in the theme ${theme}`, async () => {
    await window.evaluate(
      (vscode, name) =>
        vscode.workspace.getConfiguration('workbench').update('colorTheme', name, true),
      theme,
    );
    await row('again').hover();
    await window.screenshot(`worlds-${theme.toLowerCase().replaceAll(' ', '-')}`);
  });
}

test('a world is deleted only once its name was typed, and its files stay', async () => {
  await window.runFromPalette('Agent World: Delete a World…');
  await choose('again');
  await box().getByText('Delete “project” with its whole history').waitFor();
  await window.type('Atlas');
  await box().getByText('To delete it, type its name: project').waitFor();
  await window.screenshot('worlds-delete');
  await window.page.keyboard.press('Enter');
  assert.notEqual(await worldIn(path.join(place, 'again')), undefined);
  await box().locator('input').fill('project');
  await window.page.keyboard.press('Enter');
  await row('again').waitFor({ state: 'detached' });
  assert.equal(await worldIn(path.join(place, 'again')), undefined);
  assert.equal(fs.readFileSync(path.join(place, 'again', 'notes.md'), 'utf8'), 'one\ntwo\n');
});

test('a world moves to a server with this window in it, which goes on there', async () => {
  await window.runFromPalette('Agent World: Move a World to Another Server…');
  await choose('Atlas');
  await box().getByText('The server’s address').waitFor();
  await box().locator('input').fill(other.uri);
  await window.page.keyboard.press('Enter');
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.filter({ hasText: 'Its whole history is copied and verified' }).waitFor();
  await window.screenshot('worlds-move');
  await dialog.getByRole('button', { name: 'Move', exact: true }).click();
  await told(live, window, /The old one is kept, marked as moved\./);
  const moved = await worldIn(live.folder);
  assert.equal(moved?.server, other.uri);
  await row('moved to').waitFor();
  await window.openFile('notes.md');
  await window.placeCursor(2, 0);
  await window.type('there');
  const session = await openAsPerson(live.surroundings, moved);
  await live.until('the new world has it', () => {
    const file = session.view.fileAt('notes.md');
    return file?.byteLength === 'one\ntwo\nthere'.length;
  });
  session.close();
  await window.screenshot('worlds-moved');
});

/** Whoever used an earlier version has a world with its module. */
async function publishEarlierModule(): Promise<void> {
  const { surroundings } = live;
  const uri = await surroundings.defaultServer.uri();
  const person = await surroundings.identities.read('embedded', PERSON);
  const text = new TextDecoder().decode(await surroundings.bundle());
  const bundle = new TextEncoder().encode(`${text}\n// earlier\n`);
  const { database } = live.session;
  const published = await publishModule({ uri, token: person!.token, database, bundle });
  assert.equal(published, 'updated');
}

async function worldIn(folder: string): Promise<KnownWorld | undefined> {
  return live.surroundings.worlds.findByFolder(folder);
}

function row(text: string) {
  return window.page.locator('.sidebar .monaco-list-row', { hasText: text });
}

function box() {
  return window.page.locator('.quick-input-widget');
}

async function choose(text: string): Promise<void> {
  await box().locator('.monaco-list-row').filter({ hasText: text }).first().click();
}

/** Answers the dialog for files that VS Code has in a browser: a path, and Enter. */
async function answerPath(file: string): Promise<void> {
  // Until it lists what is around it puts a path of its own into the box. What was asked before is
  // listed in the same place.
  await box().locator('.monaco-list-row', { hasText: '..' }).waitFor();
  await box().locator('input').fill(file);
  const name = path.basename(file);
  if (fs.existsSync(file)) await box().locator('.monaco-list-row', { hasText: name }).waitFor();
  await window.page.keyboard.press('Enter');
}
