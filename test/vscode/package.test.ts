import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { startEditor } from './harness/editor.ts';

const EXTENSION_ID = 'agent-world.agent-world';

test('the package alone works, with neither node nor npm to be found', async (context) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-package-'));
  context.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  fs.writeFileSync(path.join(folder, 'notes.md'), '# Notes\n');
  const emptyPath = path.join(folder, 'no-programs');
  const editor = await startEditor({ extensions: 'vsix', env: { PATH: emptyPath } });
  context.after(() => editor.dispose());
  const window = await editor.openWindow(folder);

  const found = await window.evaluate(() => {
    const { spawnSync } = process.getBuiltinModule('node:child_process');
    return ['node', 'npm'].filter((program) => spawnSync(program).error === undefined);
  });
  assert.deepEqual(found, [], 'the surroundings are as bare as this test wants them');

  const installed = await window.evaluate(async (vscode, id) => {
    const extension = vscode.extensions.getExtension(id);
    await extension?.activate();
    return { active: extension?.isActive, location: extension?.extensionPath };
  }, EXTENSION_ID);
  assert.equal(installed.active, true);
  assert.ok(!installed.location?.startsWith(projectRoot), 'it runs from where it was installed');

  await window.openFile('notes.md');
  await window.placeCursor(1, 0);
  await window.type('typed');
  await window.waitForText('notes.md', '# Notes\ntyped');
  await window.screenshot('package');
});
