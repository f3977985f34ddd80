import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startEditor, type Editor } from './harness/editor.ts';
import type { EditorWindow } from './harness/window.ts';

let editor: Editor;
let folder: string;
let near: EditorWindow;
let far: EditorWindow;

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-folder-'));
  for (const file of ['one.md', 'two.md', 'three.md'])
    fs.writeFileSync(path.join(folder, file), 'first\nsecond\n');
  editor = await startEditor({ extensions: 'none' });
  [near, far] = await Promise.all([
    editor.openWindow(folder, { env: { AGENT_WORLD_TEST_MARK: 'here' } }),
    editor.openWindow(folder, { delayMs: 100 }),
  ]);
});

after(async () => {
  await editor.dispose();
  fs.rmSync(folder, { recursive: true, force: true });
});

test('keys pressed in two windows at once arrive in order, one of them far from its extension host', async () => {
  await near.openFile('one.md');
  await far.openFile('two.md');
  await near.placeCursor(1, 0);
  await far.placeCursor(1, 0);
  const text = 'hello {"there"}, ';
  await Promise.all([
    near.type(text, { keysPerSecond: 20 }),
    far.type(text, { keysPerSecond: 20 }),
  ]);
  await near.waitForText('one.md', `first\n${text}second\n`);
  await far.waitForText('two.md', `first\n${text}second\n`);
  assert.deepEqual(await far.visibleLines(), ['first', `${text}second`, '']);
  await near.screenshot('harness-near');
  await far.screenshot('harness-far');
  await far.close();
});

test('a window that was loaded again can be typed into', async () => {
  await near.reload();
  assert.equal(await near.evaluate(() => process.env['AGENT_WORLD_TEST_MARK']), 'here');
  await near.openFile('three.md');
  await near.placeCursor(0, 0);
  await near.type('again ');
  await near.waitForText('three.md', 'again first\nsecond\n');
  await near.close();
});
