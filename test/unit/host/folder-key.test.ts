import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { folderKeyOf } from '../../../src/host/folder-lease-client.ts';

test('a folder has the same key while it is gone, whatever link leads to it', async (context) => {
  const scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-key-')));
  context.after(() => fs.rmSync(scratch, { recursive: true, force: true }));
  const folder = path.join(scratch, 'above', 'folder');
  fs.mkdirSync(folder, { recursive: true });
  fs.symlinkSync(path.join(scratch, 'above'), path.join(scratch, 'link'));
  const key = await folderKeyOf(folder);
  assert.equal(await folderKeyOf(path.join(scratch, 'link', 'folder')), key);
  fs.rmSync(folder, { recursive: true });
  assert.equal(await folderKeyOf(folder), key);
  assert.equal(await folderKeyOf(path.join(scratch, 'link', 'folder')), key);
  assert.notEqual(await folderKeyOf(path.join(scratch, 'above')), key);
});
