import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { formatEditorLink, formatInvite, type Invite } from '../../src/world/invite.ts';
import { readHeadSeq } from '../../src/world/read-head.ts';
import { startEditor, type Editor } from './harness/editor.ts';
import { EXTENSION_ID, LiveFolder, waitUntilBound } from './harness/live-folder.ts';
import { untilTold } from './harness/told.ts';
import type { EditorWindow } from './harness/window.ts';
import { startWorldLeg, type WorldLeg } from './harness/world-leg.ts';

let live: LiveFolder;
let leg: WorldLeg;
let scratch: string;
let folder: string;
let guest: Editor;
/** The scheme of links that this VS Code opens. */
let uriScheme: string;

before(async () => {
  live = await LiveFolder.start({
    files: { 'same.md': 'same\n', 'differs.md': 'the world’s\n', 'there.md': 'only there\n' },
  });
  leg = await startWorldLeg(live.home);
  scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-join-')));
  folder = path.join(scratch, 'mine');
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'same.md'), 'same\n');
  fs.writeFileSync(path.join(folder, 'differs.md'), 'my own\n');
  fs.writeFileSync(path.join(folder, 'here.md'), 'only here\n');
  guest = await startEditor({
    home: path.join(scratch, 'home'),
    env: leg.env,
    settings: { 'agentWorld.displayName': 'Grace' },
  });
});

after(async () => {
  await guest.dispose();
  await leg.proxy.close();
  await live.dispose();
  fs.rmSync(scratch, { recursive: true, force: true });
});

test('a link that somebody copied asks a question, and joins once it is answered', async () => {
  const ada = await live.openWindow();
  await ada.runFromPalette('Agent World: Invite Somebody…');
  for (const step of ['(1/5)', '(2/5)', '(3/5)', '(4/5)', '(5/5)']) {
    await ada.page.locator('.quick-input-widget').getByText(step).waitFor();
    await ada.page.keyboard.press('Enter');
  }
  await ada.command('agentWorld.members.focus');
  const row = ada.page.locator('.sidebar .monaco-list-row');
  await row.filter({ hasText: 'person, editor' }).waitFor();
  uriScheme = await ada.evaluate((vscode) => vscode.env.uriScheme);
  const copied = await ada.waitFor(async (vscode, part) => {
    const text = await vscode.env.clipboard.readText();
    return text.includes(part) ? text : '';
  }, '/join/');

  const empty = newFolder('linked');
  const window = await guest.openWindow(empty, { env: leg.env });
  const dialog = await openLink(window, copied, 'Join the world');
  await dialog.getByText('Its members will see your name, Grace').waitFor();
  await window.screenshot('join-link-question');
  await window.page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.deepEqual(memberNames(), ['Ada'], 'nobody joins who does not say so');
  assert.deepEqual(fs.readdirSync(empty), []);

  await openLink(window, copied, 'Join the world');
  await dialog.getByRole('button', { name: 'Join in “linked”' }).click();
  await waitUntilBound(window);
  await live.until('she is a member', () => memberNames().join() === 'Ada,Grace');
  await live.until('her folder has the files', () => onDisk(empty, 'same.md') === 'same\n');
  await row.filter({ hasText: 'Grace' }).waitFor();
  await ada.screenshot('join-link-seen');
  await window.close();
  await ada.close();
});

test('a link can bring the files into another folder, in a window of its own', async () => {
  const window = await guest.openWindow(newFolder('start'), { env: leg.env });
  const other = newFolder('other');
  await openLink(window, link(await live.invite()), 'Join the world');
  await window.page.getByRole('button', { name: 'Join in Another Folder…' }).click();
  const box = window.page.locator('.quick-input-widget input');
  // Until it lists what is around it puts a path of its own into the box.
  await window.page.locator('.quick-input-list .monaco-list-row', { hasText: '..' }).waitFor();
  await box.fill(`${other}/`);
  const opened = window.page.context().waitForEvent('page', { timeout: 30_000 });
  await window.page
    .locator('.quick-input-widget')
    .getByRole('button', { name: 'Join Here' })
    .click();
  const page = await opened;
  await live.until('the files are there', () => onDisk(other, 'same.md') === 'same\n');
  await page.close();
  await window.close();
});

test('an invite for an agent takes no person along', async () => {
  const window = await guest.openWindow(newFolder('agent'), { env: leg.env });
  const before = memberNames();
  const dialog = await openLink(
    window,
    link(await live.invite('agent')),
    'This invite is for an agent.',
  );
  await dialog.getByRole('button', { name: 'Copy the Line' }).click();
  await window.waitFor(
    async (vscode, start) => (await vscode.env.clipboard.readText()).startsWith(start),
    'agent-world join "agent-world://join/',
  );
  assert.deepEqual(memberNames(), before);
  await window.close();
});

test('whoever is asked whether to join has not joined, and the invite is as good as before', async () => {
  const fresh = await startEditor({ home: path.join(scratch, 'fresh'), env: leg.env });
  const window = await fresh.openWindow(folder, { env: leg.env });
  const before = memberNames();
  const made = await live.invite();
  const asked = window.command('agentWorld.join', formatInvite(made));
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.getByText('It has files of its own: 3.').waitFor();
  await window.screenshot('join-full-folder-question');
  await window.page.keyboard.press('Escape');
  await asked;
  assert.deepEqual(await membersByNow(), before, 'nobody has joined');

  // The invite serves once, and does. Now the question is about the folder alone.
  const joining = window.command('agentWorld.join', formatInvite(made));
  await dialog.getByRole('button', { name: 'Join', exact: true }).click();
  const list = window.page.locator('.quick-input-list');
  await list.getByText('You stay a member.').waitFor();
  await list.getByText('Leave This Folder as It Is').click();
  await joining;
  await untilTold(live, window, /This folder is as it was\. You are a member of “project”/);
  assert.equal(fs.readFileSync(path.join(folder, 'differs.md'), 'utf8'), 'my own\n');
  assert.equal((await membersByNow()).length, before.length + 1);
  await fresh.dispose();
});

test('joining into a full folder shows what would change, and keeps a copy of what is replaced', async () => {
  const window = await guest.openWindow(folder, { env: leg.env });
  await window.openFile('differs.md');
  const joining = window.command('agentWorld.join', formatInvite(await live.invite()));
  await window.page
    .locator('.monaco-dialog-box')
    .getByRole('button', { name: 'Join', exact: true })
    .click();
  const list = window.page.locator('.quick-input-list');
  await list.getByText('differs.md').waitFor();
  await list.getByText('here.md', { exact: true }).waitFor();
  await window.screenshot('join-preview');
  assert.equal(fs.readFileSync(path.join(folder, 'differs.md'), 'utf8'), 'my own\n');
  await window.page.keyboard.press('Enter');
  await joining;
  await waitUntilBound(window);

  await window.waitForText('differs.md', 'the world’s\n');
  await live.until(
    'the folder has the world’s text',
    () => onDisk(folder, 'differs.md') === 'the world’s\n',
  );
  await live.until(
    'the folder has what was only there',
    () => onDisk(folder, 'there.md') === 'only there\n',
  );
  await live.until(
    'the world has what was only here',
    () => live.session.view.fileAt('here.md') !== undefined,
  );
  const backups = fs.globSync('home/backups/*/differs.md', { cwd: scratch });
  assert.equal(fs.readFileSync(path.join(scratch, backups[0]!), 'utf8'), 'my own\n');
  assert.equal(memberNames().filter((name) => name === 'Grace').length, 1);
  await window.screenshot('joined');
});

/** Opens a link as the URL service does that a click reaches; answers VS Code's own question. */
async function openLink(window: EditorWindow, text: string, question: string) {
  await window.runFromPalette('Developer: Open URL');
  const box = window.page.locator('.quick-input-widget');
  await box.getByText('URL to open').waitFor();
  await window.page.keyboard.insertText(text);
  await window.page.keyboard.press('Enter');
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.filter({ hasText: 'extension to open this URI' }).waitFor();
  await dialog.getByRole('button', { name: 'Open' }).click();
  await dialog.filter({ hasText: question }).waitFor();
  return dialog;
}

function link(made: Invite): string {
  return formatEditorLink(made, { uriScheme, extensionId: EXTENSION_ID });
}

function newFolder(name: string): string {
  const made = path.join(scratch, name);
  fs.mkdirSync(made);
  return made;
}

function onDisk(folder: string, file: string): string | undefined {
  const whole = path.join(folder, file);
  return fs.existsSync(whole) ? fs.readFileSync(whole, 'utf8') : undefined;
}

/** Once the session here has heard of all that was done. */
async function membersByNow(): Promise<readonly string[]> {
  await readHeadSeq(await live.session.whenOnline());
  return memberNames();
}

function memberNames(): readonly string[] {
  const names = [...live.session.view.members.values()].map(({ displayName }) => displayName);
  return names.sort();
}
