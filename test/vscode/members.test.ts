// Members, invites and rules in one window of an owner's, by keys and mouse.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { AgentSession } from '../../src/agents/agent-session.ts';
import { joinAgent } from '../../src/agents/join-agent.ts';
import { changeMember } from '../../src/world/change-member.ts';
import { parseInvite } from '../../src/world/invite.ts';
import type { Member } from '../../src/world/world-rows.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { LiveFolder } from './harness/live-folder.ts';
import { chooseByKeys, chooseInMenu } from './harness/row-menu.ts';
import { clickRow, pressInRow } from './harness/row-press.ts';
import { told } from './harness/told.ts';
import { viewRow } from './harness/view-rows.ts';
import type { EditorWindow } from './harness/window.ts';

let live: LiveFolder;
let window: EditorWindow;
let agent: AgentSession;
let grace: WorldSession;

before(async () => {
  live = await LiveFolder.start({
    files: { 'notes.md': 'one\ntwo\n', 'src/app.js': '', 'src/deep/tool.js': '', 'docs/a.md': '' },
  });
  const { surroundings } = live;
  agent = await live.joinAgent('reviewer');
  const person = { name: 'grace', displayName: 'Grace', color: '', kind: 'human' } as const;
  grace = await joinAgent(surroundings, live.session, live.server, person);
  const typist = new AgentSession({ session: grace, randomBytes: surroundings.randomBytes });
  await typist.read('notes.md');
  await typist.replace('notes.md', [{ search: 'two', replacement: 'deux' }]);
  const read = await agent.read('src/app.js');
  assert.ok(read.tag === 'text');
  await agent.show(read, { start: ORIGIN, end: ORIGIN }, 'reading');
  window = await live.openWindow();
});

after(async () => {
  grace.close();
  await live.dispose();
});

test('members are listed: who is here and where, what they may and did', async () => {
  await window.command('agentWorld.members.focus');
  await row('Ada (you)').waitFor();
  const label = async (name: string): Promise<string> =>
    (await row(name).getAttribute('aria-label')) ?? '';
  await row('deux').or(row('Grace')).waitFor();
  assert.match(await label('Grace'), /Grace, person, editor · .*edited notes\.md just now/);
  assert.match(await label('reviewer'), /reviewer, agent, in src\/app\.js:1 · reading · editor/);
  await window.page.locator('.pane-header .title').getByText('Members').waitFor();
  await window.screenshot('members');
  await clickRow(row('reviewer'));
  await window.page.locator('.tab.active').filter({ hasText: 'app.js' }).waitFor();
});

test('who leaves is shown as away, who comes back as here', async () => {
  grace.close();
  await row('Not here').waitFor();
  const { surroundings } = live;
  const person = { name: 'grace', displayName: 'Grace', color: '', kind: 'human' } as const;
  grace = await joinAgent(surroundings, live.session, live.server, person);
  await row('Not here').waitFor({ state: 'detached' });
});

test('a role is changed at its row, by its menu', async () => {
  await chooseInMenu(window, row('Grace'), 'Change a Member’s Role');
  const list = window.page.locator('.quick-input-list');
  await list.getByText('Reads along and sees who does what').waitFor();
  await window.screenshot('members-role');
  await list.getByText('Reads along and sees who does what').click();
  await live.until('Grace reads only', () => member('Grace').role === 'viewer');
  assert.deepEqual(member('Grace').capabilities, []);
  await row('Grace').filter({ hasText: 'viewer' }).waitFor();
});

test('where somebody may write is changed by keys, and says how many files that are', async () => {
  await window.runFromPalette('Agent World: Change Where a Member May Write…');
  await window.page.locator('.quick-input-list').getByText('reviewer').waitFor();
  await window.type('reviewer');
  await window.page.keyboard.press('Enter');
  const box = window.page.locator('.quick-input-widget');
  await box.getByText('Where may reviewer write?').waitFor();
  await window.type('src/**');
  await box.getByText('2 of 4 files').waitFor();
  await window.screenshot('members-scope');
  await window.page.keyboard.press('Enter');
  await live.until('it is so', () => member('reviewer').pathScope.join() === 'src/**');
});

test('pausing refuses, resuming takes again', async () => {
  await pressInRow(row('reviewer'), 'Pause a Member');
  await live.until('the agent is paused', () => member('reviewer').paused);
  await row('reviewer').filter({ hasText: 'paused' }).waitFor();
  await window.screenshot('members-paused');
  const refused = await agent.create('src/new.js', 'x');
  assert.ok(refused.tag === 'refused');
  assert.equal(refused.refusal.code, 'paused');
  await window.runFromPalette('Agent World: Resume a Member');
  await window.page.locator('.quick-input-list').getByText('reviewer').waitFor();
  await window.page.keyboard.press('Enter');
  await live.until('the agent is not paused', () => !member('reviewer').paused);
});

test('removing asks first, says what happens, and ends the connection', async () => {
  await row('reviewer').click({ button: 'right' });
  const menu = window.page.locator('.context-view');
  await menu.getByText('Remove a Member…').waitFor();
  await window.screenshot('members-menu');
  await chooseByKeys(window, 'Remove a Member…');
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.filter({ hasText: 'What they wrote stays' }).waitFor();
  await window.screenshot('members-remove');
  assert.equal(member('reviewer').removed, false, 'nothing happens before the answer');
  await dialog.filter({ hasText: 'They came by an invite of Ada.' }).waitFor();
  await dialog.getByRole('button', { name: 'Remove', exact: true }).waitFor();
  await dialog.getByRole('button', { name: 'Remove and End Their Invite' }).click();
  await live.until('the agent is out', () => agent.session.state.tag === 'refused');
  await row('reviewer').waitFor({ state: 'detached' });
});

test('an invite is made step by step, with a way back, and can be taken back', async () => {
  await window.runFromPalette('Agent World: Invite Somebody…');
  const box = window.page.locator('.quick-input-widget');
  await box.getByText('(1/5)').waitFor();
  await window.screenshot('invite-whom');
  await window.type('viewer');
  await window.page.keyboard.press('Enter');
  await box.getByText('(2/5)').waitFor();
  await box.locator('.codicon-quick-input-back').click();
  await box.getByText('(1/5)').waitFor();
  await window.page.keyboard.press('Enter');
  await box.getByText('(2/5)').waitFor();
  await window.type('docs/**');
  await box.getByText('1 of 4 files').first().waitFor();
  await window.screenshot('invite-scope');
  await window.page.keyboard.press('Enter');
  await box.getByText('(3/5)').waitFor();
  await window.page.keyboard.press('Enter');
  await box.getByText('(4/5)').waitFor();
  await window.type('3');
  await box.getByText('up to 3 times').waitFor();
  await window.page.keyboard.press('Enter');
  await box.getByText('(5/5)').waitFor();
  await window.screenshot('invite-form');
  await window.page.keyboard.press('Enter');
  await row('person, editor').filter({ hasText: 'up to 3 times' }).waitFor();
  await window.screenshot('invite-made');
  const link = await clipboard();
  const invite = parseInvite(link);
  const scheme = await window.evaluate((vscode) => vscode.env.uriScheme);
  assert.ok(link.startsWith(`${scheme}://agent-world.agent-world/join/`), link.split('#')[0]);
  assert.equal(invite.database, live.session.database);
  const isWritten = (folder: string): boolean => contains(folder, invite.secret);
  assert.equal(isWritten(live.home), false, 'neither history nor logs have the secret');
  assert.equal(isWritten(live.editor.dataFolder), false, 'nor have settings and logs of VS Code');
  assert.equal(isWritten(live.folder), false);

  await pressInRow(row('person, editor'), 'Take Back an Invite…');
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.getByRole('button', { name: 'Take It Back' }).click();
  await row('Your open invites').waitFor({ state: 'detached' });
  const answer = await fetch(
    new URL(`v1/database/${invite.database}/route/join`, await live.server.uri()),
    { method: 'POST', body: JSON.stringify({ invite: invite.secret, identity: 'ab'.repeat(32) }) },
  );
  assert.match(await answer.text(), /^no_such_invite/);
});

test('the rules are shown with examples, and changed by an owner', async () => {
  await window.runFromPalette('Agent World: Show or Change How Conflicts Are Judged…');
  const list = window.page.locator('.quick-input-list');
  await list.getByText('in force · typing by character').waitFor();
  await window.screenshot('policy');
  await window.type('Strict');
  await window.page.keyboard.press('Enter');
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.filter({ hasText: 'yours becomes a conflict' }).waitFor();
  await window.screenshot('policy-question');
  assert.equal(live.session.workspace?.policyMode, 'auto');
  await dialog.getByRole('button', { name: 'Change for Everybody' }).click();
  await live.until('it holds', () => live.session.workspace?.policyMode === 'strict');
});

test('whether folders of agents ask is a rule as well', async () => {
  const rules = () => live.session.view.restorations.rules;
  assert.deepEqual(rules(), { agents: 'ask', people: 'ask' });
  await window.runFromPalette('Agent World: Show or Change How Conflicts Are Judged…');
  await window.page.locator('.quick-input-list').getByText('in force').first().waitFor();
  await window.type('Agents’ Folders Are Taken');
  await window.page.keyboard.press('Enter');
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.getByRole('button', { name: 'Change for Everybody' }).click();
  await live.until('it holds', () => rules().agents === 'take');
  assert.equal(rules().people, 'ask');
});

for (const theme of ['Default Light Modern', 'Default High Contrast', 'Default Dark Modern']) {
  test(`members, and the rules, in the theme ${theme}`, async () => {
    await window.evaluate(
      (vscode, name) =>
        vscode.workspace.getConfiguration('workbench').update('colorTheme', name, true),
      theme,
    );
    await window.command('agentWorld.members.focus');
    await row('Ada (you)').waitFor();
    await window.runFromPalette('Agent World: Show or Change How Conflicts Are Judged…');
    await window.page.locator('.quick-input-list').getByText('Claims Only Warn').waitFor();
    await window.screenshot(`members-${theme.toLowerCase().replaceAll(' ', '-')}`);
    await window.page.keyboard.press('Escape');
  });
}

test('who is no owner is told who can change members and rules', async () => {
  await changeMember(live.session, member('Grace'), { role: 'owner' });
  await changeMember(grace, member('Ada'), { role: 'editor' });
  await row('Ada (you)').filter({ hasText: 'editor' }).waitFor();
  await window.runFromPalette('Agent World: Show or Change How Conflicts Are Judged…');
  const box = window.page.locator('.quick-input-widget');
  await box.locator('[placeholder="Only an owner can change this. Ask Grace"]').waitFor();
  await window.screenshot('policy-not-mine');
  await window.type('Automatic');
  await window.page.keyboard.press('Enter');
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.filter({ hasText: 'Only an owner can change this. Ask Grace.' }).waitFor();
  await window.page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await row('Grace').hover();
  assert.equal(await row('Grace').locator('.codicon-debug-pause').count(), 0);
  await window.command('agentWorld.removeMember');
  await told(live, window, /Only an owner can change members\. Ask Grace\./);
});

const ORIGIN = { line: 0, character: 0 };

function member(name: string): Member {
  return [...live.session.view.members.values()].find(({ displayName }) => displayName === name)!;
}

function row(text: string) {
  return viewRow(window, 'Members', text);
}

function clipboard(): Promise<string> {
  return window.evaluate((vscode) => vscode.env.clipboard.readText());
}

/** Whether any file below a folder holds a text. */
function contains(folder: string, text: string): boolean {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .some(({ parentPath, name }) => fs.readFileSync(path.join(parentPath, name)).includes(text));
}
