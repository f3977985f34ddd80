// Setting an agent up from the editor: by keys, for clients whose settings are files, in one window.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { LiveFolder } from './harness/live-folder.ts';
import { pictureInEveryTheme } from './harness/themes.ts';
import { told } from './harness/told.ts';
import type { EditorWindow } from './harness/window.ts';

const SETTINGS = '{\n  // Mine.\n  "theme": "dark"\n}\n';

let live: LiveFolder;
let window: EditorWindow;
/** The user's home, as clients know it. */
let user: string;
let own: string;

before(async () => {
  live = await LiveFolder.start({ files: { 'a.txt': 'one\ntwo\nthree\n' } });
  const place = path.dirname(live.folder);
  user = path.join(place, 'user');
  own = `${live.folder}-gemini`;
  fs.mkdirSync(path.join(user, '.gemini'), { recursive: true });
  fs.writeFileSync(settingsOf('gemini'), SETTINGS);
  // Only looked for: nothing of it is run to set it up.
  const bin = path.join(place, 'bin');
  fs.mkdirSync(bin);
  fs.writeFileSync(path.join(bin, 'gemini'), '#!/bin/sh\n', { mode: 0o755 });
  window = await live.openWindow({
    HOME: user,
    PATH: `${bin}${path.delimiter}${process.env['PATH']}`,
  });
  // VS Code misses extensions that tests leave out, and says so.
  await window.command('notifications.clearAll');
});

after(() => live.dispose());

test('the clients of this machine come first, and of the others it is said how to get them', async () => {
  await beginToAdd();
  await rows('Gemini CLI').waitFor();
  assert.match((await rows('Gemini CLI').getAttribute('aria-label')) ?? '', /on this machine/);
  await rows('npm install --global @qwen-code/qwen-code').waitFor();
  await pictureInEveryTheme(window, 'add-agent-clients');
  await window.page.keyboard.press('Escape');
});

test('an agent is set up by keys: it gets a name, a folder and a server, and comments stay', async () => {
  await beginToAdd();
  await window.type('gemini');
  await focused('Gemini CLI').waitFor();
  await window.page.keyboard.press('Enter');
  await quickInput().getByText('Its name among the members').waitFor();
  await window.screenshot('add-agent-name');
  await window.page.keyboard.press('Enter');
  await focused(own).waitFor();
  await window.screenshot('add-agent-folder');
  await window.page.keyboard.press('Enter');
  await focused('Edit and claim').waitFor();
  await window.screenshot('add-agent-rights');
  await window.page.keyboard.press('Enter');
  const done = await told(live, window, /Gemini CLI is set up: start Gemini CLI in/);
  assert.match(
    await done.innerText(),
    /only in a folder that you trust/,
    'what the person has to do',
  );
  assert.equal(fs.readFileSync(path.join(own, 'a.txt'), 'utf8'), 'one\ntwo\nthree\n');
  const settings = fs.readFileSync(settingsOf('gemini'), 'utf8');
  assert.match(settings, /\/\/ Mine\./);
  assert.match(settings, /"agent-world": \{/);
  const isMember = ({ displayName }: { readonly displayName: string }): boolean =>
    displayName === 'Gemini CLI';
  await live.until('it is a member', () => [...live.session.view.members.values()].some(isMember));
  const member = [...live.session.view.members.values()].find(isMember)!;
  assert.deepEqual(
    [member.kind, member.role, member.capabilities],
    ['agent', 'editor', ['edit', 'lock']],
  );
  assert.deepEqual(fs.readdirSync(live.folder), ['a.txt'], 'nothing is in the world’s folder');
  await pictureInEveryTheme(window, 'add-agent-done');
  await done.getByRole('button', { name: 'Copy the Command' }).click();
  await window.waitFor(
    async (vscode, line) => (await vscode.env.clipboard.readText()) === line,
    `cd ${own} && gemini`,
  );
});

test('a window on the folder of an agent says whose it is, and has it kept in step', async () => {
  const other = await live.editor.openWindow(own);
  const item = other.page.locator('.statusbar-item', { hasText: 'Gemini CLI' });
  const kept = 'This is the folder of Gemini CLI, in step with project';
  await other.page.locator(`.statusbar-item [aria-label*="${kept}"]`).waitFor();
  await other.screenshot('agent-folder');
  fs.writeFileSync(path.join(live.folder, 'b.txt'), 'by a person\n');
  const arrived = path.join(own, 'b.txt');
  await live.until('it comes in there, too', () => fs.existsSync(arrived));
  await item.click();
  const menu = other.page.locator('.quick-input-widget .monaco-list-row');
  await menu.filter({ hasText: 'The agents set up here' }).waitFor();
  assert.equal(await menu.filter({ hasText: 'Open this folder in a world' }).count(), 0);
  await other.close();
});

test('a name that the client has already is refused before anything is done', async () => {
  await beginToAdd();
  await window.type('gemini');
  await focused('Gemini CLI').waitFor();
  await window.page.keyboard.press('Enter');
  await quickInput().getByText('Its name among the members').waitFor();
  await window.page.keyboard.press('Control+a');
  await window.type('Gemini CLI');
  await quickInput().getByText('has an agent of this name').waitFor();
  await window.page.keyboard.press('Enter');
  await quickInput().getByText('has an agent of this name').waitFor();
  await window.page.keyboard.press('Escape');
});

test('settings that cannot be understood stay as they are, and nobody becomes a member', async () => {
  fs.mkdirSync(path.join(user, '.qwen'));
  fs.writeFileSync(settingsOf('qwen'), '[');
  await beginToAdd();
  await window.type('qwen');
  await focused('Qwen Code').waitFor();
  await window.page.keyboard.press('Enter');
  const missing = await told(live, window, /Qwen Code is not on the path/);
  await missing.getByRole('button', { name: 'Set It Up Now' }).click();
  await quickInput().getByText('Its name among the members').waitFor();
  await window.page.keyboard.press('Enter');
  await focused('qwen').waitFor();
  await window.type('No folder');
  await focused('by the tools of').waitFor();
  await window.page.keyboard.press('Enter');
  await focused('Edit and claim').waitFor();
  await window.page.keyboard.press('Enter');
  await told(live, window, /settings\.json is no JSON that can be understood/);
  assert.equal(fs.readFileSync(settingsOf('qwen'), 'utf8'), '[');
  const names = [...live.session.view.members.values()].map(({ displayName }) => displayName);
  assert.ok(!names.includes('Qwen Code'), names.join());
});

test('an agent that was set up is checked, and taken out again without a trace', async () => {
  await window.command('notifications.clearAll');
  await manage('Check');
  await told(live, window, /Gemini CLI: the server answers\. 2 files/);
  await manage('Remove from its client');
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.filter({ hasText: 'Take Gemini CLI out of the settings of Gemini CLI?' }).waitFor();
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await told(live, window, /Gemini CLI does not know Gemini CLI any more/);
  assert.equal(fs.readFileSync(settingsOf('gemini'), 'utf8'), SETTINGS);
});

/** Keys that come before the list is there would go elsewhere. */
async function beginToAdd(): Promise<void> {
  await window.runFromPalette('Agent World: Add an Agent…');
  await rows('Claude Code').waitFor();
}

/** Chooses what is done about the one agent. */
async function manage(action: string): Promise<void> {
  await window.runFromPalette('Agent World: Manage the Agents Set Up Here…');
  await focused('Gemini CLI').waitFor();
  await window.screenshot('manage-agents');
  await window.page.keyboard.press('Enter');
  await rows(action).waitFor();
  await window.type(action);
  await focused(action).waitFor();
  await window.screenshot('manage-agent');
  await window.page.keyboard.press('Enter');
}

function settingsOf(client: 'gemini' | 'qwen'): string {
  return path.join(user, `.${client}`, 'settings.json');
}

function quickInput() {
  return window.page.locator('.quick-input-widget');
}

function rows(text: string) {
  return quickInput().locator('.monaco-list-row', { hasText: text });
}

function focused(text: string) {
  return quickInput().locator('.monaco-list-row.focused', { hasText: text });
}
