// A document that is open without a tab, as a language server opens them: others' edits give it none.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { LiveFolder } from './harness/live-folder.ts';
import { activeTabs } from './harness/shown.ts';
import type { EditorWindow } from './harness/window.ts';

let live: LiveFolder;
let window: EditorWindow;
let agent: AgentSession;

before(async () => {
  const text = 'one\ntwo\n';
  live = await LiveFolder.start({
    files: { 'mine.md': text, 'hidden.md': text, 'changed.md': text, 'compared.md': text },
    // What is left unsaved is saved by nobody but us, as it is outside of a browser.
    settings: { 'files.autoSave': 'off' },
  });
  agent = await live.joinAgent('agent');
  window = await live.openWindow();
  await window.openFile('mine.md');
});

after(() => live.dispose());

test('an edit of others gives it no tab, and its text all the same', async () => {
  await load('hidden.md');
  await live.settled();
  await replace('hidden.md', 'two', 'three');
  // Before the edit can have been saved VS Code would have given it a tab.
  await untilClean('hidden.md', 'one\nthree\n');
  assert.deepEqual(await activeTabs(window), ['*mine.md']);
  await replace('hidden.md', 'three', 'four');
  await untilClean('hidden.md', 'one\nfour\n');
  assert.deepEqual(await activeTabs(window), ['*mine.md']);
  assert.equal(live.diskText('hidden.md'), 'one\nfour\n');
});

test('what is done to it in this window is in the world', async () => {
  await window.evaluate(async (vscode, file) => {
    const edit = new vscode.WorkspaceEdit();
    edit.insert(vscode.Uri.file(file), new vscode.Position(0, 0), 'mine ');
    await vscode.workspace.applyEdit(edit);
  }, absolute('hidden.md'));
  await live.untilText('hidden.md', 'mine one\nfour\n');
});

test('it is live once it has a tab', async () => {
  await load('changed.md');
  await live.settled();
  await replace('changed.md', 'two', 'three');
  await untilClean('changed.md', 'one\nthree\n');
  await window.openFile('changed.md');
  await window.placeCursor(0, 3);
  await window.type('!', { keysPerSecond: 20 });
  await live.untilText('changed.md', 'one!\nthree\n');
  await replace('changed.md', 'three', 'four');
  await window.waitForText('changed.md', 'one!\nfour\n');
});

test('it is live beside another text, where the two are compared', async () => {
  await load('compared.md');
  await live.settled();
  await replace('compared.md', 'two', 'three');
  await untilClean('compared.md', 'one\nthree\n');
  await window.evaluate(
    (vscode, [left, right]) =>
      vscode.commands.executeCommand(
        'vscode.diff',
        vscode.Uri.file(left!),
        vscode.Uri.file(right!),
      ),
    [absolute('mine.md'), absolute('compared.md')],
  );
  await window.page.locator('.tab.active').filter({ hasText: 'compared.md' }).waitFor();
  await live.settled();
  await window.evaluate(async (vscode, file) => {
    const edit = new vscode.WorkspaceEdit();
    edit.insert(vscode.Uri.file(file), new vscode.Position(0, 3), '!');
    await vscode.workspace.applyEdit(edit);
  }, absolute('compared.md'));
  await live.untilText('compared.md', 'one!\nthree\n');
  await replace('compared.md', 'three', 'four');
  await window.waitForText('compared.md', 'one!\nfour\n');
  assert.equal(live.diskText('compared.md'), 'one\nthree\n', 'it is what is unsaved in the editor');
});

function absolute(file: string): string {
  return path.join(live.folder, file);
}

/** As a language server does: the document is open, and no editor shows it. */
async function load(file: string): Promise<void> {
  await window.evaluate(async (vscode, file) => {
    await vscode.workspace.openTextDocument(file);
  }, absolute(file));
}

async function replace(file: string, search: string, replacement: string): Promise<void> {
  await agent.read(file);
  const { tag } = await agent.replace(file, [{ search, replacement }]);
  assert.equal(tag, 'applied');
}

async function untilClean(file: string, text: string): Promise<void> {
  await window.waitFor(
    (vscode, { file, text }) => {
      const document = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === file);
      return document !== undefined && !document.isDirty && document.getText() === text;
    },
    { file: absolute(file), text },
  );
}
