// The tools that VS Code's chat is offered, each called as the chat calls it, in one window of a person's.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { TOOLS } from '../../src/mcp/tools.ts';
import { LiveFolder } from './harness/live-folder.ts';
import type { EditorWindow } from './harness/window.ts';

let live: LiveFolder;
let window: EditorWindow;
let other: AgentSession;
/** By their names, without what stands before all of them. */
const called = new Set<string>();

before(async () => {
  live = await LiveFolder.start({
    files: { 'app.ts': 'one\ntwo\nthree\nfour\nfive\n', 'docs/plan.md': '# Plan\n' },
    settings: { 'chat.disableAIFeatures': false },
  });
  other = await live.joinAgent('reviewer');
  window = await live.openWindow();
});

after(async () => {
  await live.dispose();
});

test('every tool is offered, under names that no other extension has', async () => {
  const offered = await window.evaluate((vscode) =>
    vscode.lm.tools.map(({ name, description }) => ({ name, description })),
  );
  const ours = offered.filter(({ name }) => name.startsWith('agent_world_'));
  assert.deepEqual(
    Object.fromEntries(ours.map(({ name, description }) => [name, description])),
    Object.fromEntries(TOOLS.map((tool) => [`agent_world_${tool.name}`, tool.description])),
  );
});

test('the chat reads, and others see where, under a name that says whose chat it is', async () => {
  assert.match(await call('list_files', { glob: '**/*.md' }), /docs\/plan\.md/);
  assert.match(await call('search', { text: 'three' }), /app\.ts/);
  await live.until('others see what it does', () =>
    [...other.session.view.presence.values()].some(
      ({ activity }) => activity === 'Search in files',
    ),
  );
  const read = await call('read_file', { path: 'app.ts', first_line: 2, last_line: 3 });
  assert.match(read, /2→two/);
  const members = [...live.session.view.members.values()];
  const chat = members.find(({ displayName }) => displayName === 'Ada’s chat');
  assert.equal(chat?.kind, 'agent');
  const { fileId } = live.session.view.fileAt('app.ts')!;
  await live.until('others see what it reads', () =>
    [...other.session.view.movements.values()].some(
      (place) => place.fileId === fileId && place.selections[0]?.anchorLine === 1,
    ),
  );
  await window.openFile('app.ts');
  await window.waitForDecoration('⚙ Ada’s chat · reading lines 2–3');
  await window.screenshot('chat-reads');
});

test('the chat edits beside the person, and the history has it under the chat’s name', async () => {
  await call('read_file', { path: 'app.ts' });
  const edits = [{ search: 'two', replacement: 'TWO' }];
  assert.doesNotMatch(await call('edit_file', { path: 'app.ts', edits }), /^\[/);
  await window.waitForText('app.ts', 'one\nTWO\nthree\nfour\nfive\n');
  await window.placeCursor(4, 4);
  await window.type('!');
  const lines = [{ first_line: 1, last_line: 1, old_text: 'one', text: 'ONE' }];
  assert.doesNotMatch(await call('edit_lines', { path: 'app.ts', edits: lines }), /^\[/);
  await window.waitForText('app.ts', 'ONE\nTWO\nthree\nfour\nfive!\n');
  assert.doesNotMatch(await call('write_file', { path: 'new.md', text: 'New.\n' }), /^\[/);
  const patch = '--- a/new.md\n+++ b/new.md\n@@ -1 +1,2 @@\n New.\n+More.\n';
  assert.doesNotMatch(await call('apply_patch', { patch }), /^\[/);
  await live.untilText('new.md', 'New.\nMore.\n');
  const blame = await call('history', { action: 'blame', path: 'app.ts' });
  assert.match(blame, /Ada’s chat/);
  assert.match(blame, /Ada(?!’)/);
});

test('a file is deleted only after a question to the person', async () => {
  await call('read_file', { path: 'docs/plan.md' });
  // Chats of one window are not told apart: which text is meant has to be said.
  const changes = [{ kind: 'delete', path: 'docs/plan.md', base_version: 1 }];
  const refused = call('change_files', { changes });
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.filter({ hasText: 'Delete files for everybody?' }).waitFor();
  await dialog.filter({ hasText: 'docs/plan.md' }).waitFor();
  await window.screenshot('chat-deletes');
  await window.page.keyboard.press('Escape');
  assert.equal(await refused, 'Canceled');
  assert.ok(live.session.view.fileAt('docs/plan.md'));
  const done = call('change_files', { changes });
  await dialog.filter({ hasText: 'Delete files for everybody?' }).waitFor();
  await window.page.keyboard.press('Enter');
  assert.doesNotMatch(await done, /^\[/);
  assert.equal(live.session.view.fileAt('docs/plan.md'), undefined);
});

test('the chat claims, hears of others, speaks, and is told of its tickets', async () => {
  assert.doesNotMatch(
    await call('claim', { action: 'take', path: 'new.md', reason: 'mine' }),
    /^\[/,
  );
  await other.say('Hello, chat.');
  assert.match(await call('news', {}), /Hello, chat\./);
  await call('message', { action: 'send', text: 'Hello, all.' });
  await live.until('all hear it', () => other.heard().some(({ text }) => text === 'Hello, all.'));
  assert.match(await call('tickets', { action: 'list' }), /^0 open tickets/);
});

test('a copy of the world is made only after a question', async () => {
  const folder = path.join(path.dirname(live.folder), 'copy');
  const made = call('snapshot', { folder });
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.filter({ hasText: 'Copy the world into a folder?' }).waitFor();
  await window.page.keyboard.press('Enter');
  assert.doesNotMatch(await made, /^\[/);
  assert.equal(fs.readFileSync(path.join(folder, 'new.md'), 'utf8'), 'New.\nMore.\n');
});

test('arguments that do not fit are refused with a stable code, and nothing is done when it is cancelled', async () => {
  assert.match(await call('read_file', { file: 'app.ts' }), /^\[refused: bad_request\]/);
  assert.match(await call('read_file', { path: 'nothing.ts' }), /^\[refused: no_such_file\]/);
  assert.match(await call('claim', { action: 'release' }), /^\[refused: bad_request\]/);
  const before = await live.worldText('app.ts');
  const cancelled = await window.evaluate(async (vscode) => {
    const ending = new vscode.CancellationTokenSource();
    ending.cancel();
    const input = { path: 'app.ts', edits: [{ search: 'TWO', replacement: '2' }] };
    const options = { input, toolInvocationToken: undefined };
    try {
      await vscode.lm.invokeTool('agent_world_edit_file', options, ending.token);
      return 'done';
    } catch (error) {
      return (error as Error).message;
    }
  });
  assert.equal(cancelled, 'Canceled');
  assert.equal(await live.worldText('app.ts'), before);
});

test('in place of the tools, VS Code is given the server that other clients start, and starts it', async () => {
  await window.evaluate((vscode) =>
    vscode.workspace.getConfiguration('agentWorld').update('chat.offer', 'server', true),
  );
  const list = window.page.locator('.quick-input-list .monaco-list-row');
  await window.runFromPalette('MCP: List Servers');
  await list.filter({ hasText: 'Agent World: project' }).waitFor();
  await window.screenshot('chat-servers');
  await window.type('Agent World');
  await window.page.keyboard.press('Enter');
  await list.filter({ hasText: 'Start Server' }).click();
  const read = await window.waitFor(
    (vscode) => vscode.lm.tools.find(({ name }) => /^mcp_.*read_file$/.test(name))?.name,
    '',
  );
  const text = await window.evaluate(async (vscode, name) => {
    const options = { input: { path: 'app.ts' }, toolInvocationToken: undefined };
    const { content } = await vscode.lm.invokeTool(name, options);
    return JSON.stringify(content);
  }, read);
  assert.match(text, /1→ONE/);
  const chats = [...live.session.view.members.values()].filter(({ displayName }) =>
    displayName.includes('chat'),
  );
  assert.equal(chats.length, 1, 'it is the same agent');
});

test('every tool was called', () => {
  assert.deepEqual([...called].sort(), TOOLS.map(({ name }) => name).sort());
});

/** The whole text of a tool's answer, or why there was none. */
function call(name: string, input: object): Promise<string> {
  called.add(name);
  return window.evaluate(
    async (vscode, { name, input }) => {
      try {
        const { content } = await vscode.lm.invokeTool(`agent_world_${name}`, {
          input,
          toolInvocationToken: undefined,
        });
        return content.map((part) => (part as { readonly value: string }).value).join('\n');
      } catch (error) {
        return (error as Error).message;
      }
    },
    { name, input },
  );
}
