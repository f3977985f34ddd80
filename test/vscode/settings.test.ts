// A setting acts when it is changed: nobody has to move, to type or to load the window again first.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { LiveFolder } from './harness/live-folder.ts';
import type { EditorWindow } from './harness/window.ts';

let live: LiveFolder;
let window: EditorWindow;
let agent: AgentSession;

before(async () => {
  live = await LiveFolder.start({
    files: { 'open.md': 'one\ntwo\n', 'typed.md': 'one\ntwo\n', 'closed.md': 'one\n' },
    settings: { 'files.autoSave': 'off' },
  });
  agent = await live.joinAgent('agent');
  window = await live.openWindow();
  await window.openFile('open.md');
  await window.openFile('typed.md');
});

after(() => live.dispose());

test('who no longer shares where they are is nowhere at once, and is back at once', async () => {
  await live.until('others see where the window is', () => placesSeen() === 1);
  await setting('presence.share', false);
  await live.until('nobody sees where the window is', () => placesSeen() === 0);
  await setting('presence.share', true);
  await live.until('others see it again', () => placesSeen() === 1);
});

test('what others left unsaved is saved once that is wanted', async () => {
  await window.type('mine ');
  await replace('typed.md', 'two', 'three');
  await window.waitFor(
    (vscode, file) =>
      vscode.workspace.textDocuments.some(
        (each) => each.uri.fsPath === file && each.isDirty && each.getText().includes('three'),
      ),
    path.join(live.folder, 'typed.md'),
  );
  await live.settled();
  // Once this one is saved the other has been thought of, and was left to its user.
  await replace('open.md', 'two', 'three');
  await live.untilDisk('open.md', 'one\nthree\n');
  assert.equal(live.diskText('typed.md'), 'one\ntwo\n');
  await setting('saveRemoteEdits', 'all');
  await live.untilDisk('typed.md', 'mine one\nthree\n');
});

test('a folder is kept in step while that is wanted, and caught up with afterwards', async () => {
  await untilMirroring(true);
  await setting('mirror.enabled', false);
  await untilMirroring(false);
  await replace('closed.md', 'one', 'two');
  await setting('mirror.enabled', true);
  await untilMirroring(true);
  await live.untilDisk('closed.md', 'two\n');
});

async function replace(file: string, search: string, replacement: string): Promise<void> {
  await agent.read(file);
  const { tag } = await agent.replace(file, [{ search, replacement }]);
  assert.equal(tag, 'applied');
}

/** In how many files somebody is seen who is no agent. */
function placesSeen(): number {
  const { presence, members } = live.session.view;
  return [...presence.values()].filter(
    ({ fileId, identity }) => fileId !== 0 && members.get(identity)?.kind === 'human',
  ).length;
}

async function untilMirroring(isWanted: boolean): Promise<void> {
  await window.waitFor((vscode, isWanted) => {
    const api = vscode.extensions.getExtension('agent-world.agent-world')!.exports as {
      readonly isMirroring: () => boolean;
    };
    return api.isMirroring() === isWanted;
  }, isWanted);
}

async function setting(name: string, value: boolean | string): Promise<void> {
  await window.evaluate(
    (vscode, { name, value }) =>
      vscode.workspace.getConfiguration('agentWorld').update(name, value, true),
    { name, value },
  );
}
