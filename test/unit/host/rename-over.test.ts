import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { replaceFile } from '../../../src/host/replace-file.ts';
import { OtherDisk, SHARES_ALL, WINDOWS } from '../../harness/other-disk.ts';

/** By a thin layer that refuses what Windows refuses. */
test('a file of ours that a reader has open on Windows is replaced when the reader is done', async (t) => {
  const { disk, file, draft } = openLab(t);
  const release = disk.hold(file, SHARES_ALL);
  let pauses = 0;
  disk.onPause = () => {
    pauses += 1;
    if (pauses === 3) release();
  };
  await replaceFile(file, 'new', { draft, mode: 0o600 }, disk);
  assert.equal(fs.readFileSync(file, 'utf8'), 'new');
  assert.deepEqual(fs.readdirSync(path.dirname(file)), ['settings.json']);
});

test('one that stays open is left as it was, without a draft, and says so', async (t) => {
  const { disk, file, draft } = openLab(t);
  disk.hold(file, SHARES_ALL);
  await assert.rejects(replaceFile(file, 'new', { draft, mode: 0o600 }, disk), { code: 'EPERM' });
  assert.equal(fs.readFileSync(file, 'utf8'), 'old');
  assert.deepEqual(fs.readdirSync(path.dirname(file)), ['settings.json']);
});

function openLab(context: TestContext) {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-over-')));
  context.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'settings.json');
  fs.writeFileSync(file, 'old');
  return { disk: new OtherDisk(folder, WINDOWS), file, draft: `${file}.draft` };
}
