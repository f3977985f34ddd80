import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startEditor, type Editor } from './harness/editor.ts';

let editor: Editor;
let folder: string;

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-folder-'));
  fs.writeFileSync(path.join(folder, 'notes.md'), 'first\nsecond\n');
  editor = await startEditor({ extensions: 'none' });
});

after(async () => {
  await editor.dispose();
  fs.rmSync(folder, { recursive: true, force: true });
});

test('keys pressed in the page arrive in the document, in order, at the cursor', async () => {
  const window = await editor.openWindow(folder);
  await window.openFile('notes.md');
  await window.placeCursor(1, 0);
  await window.type('hello {"there"}, ', { keysPerSecond: 40 });
  await window.waitForText('notes.md', 'first\nhello {"there"}, second\n');
  assert.deepEqual(await window.visibleLines(), ['first', 'hello {"there"}, second', '']);
  await window.screenshot('harness');
  await window.close();
});
