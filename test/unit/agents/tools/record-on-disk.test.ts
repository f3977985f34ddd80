import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import {
  type FileEntry,
  MOST_FILES,
  NOTHING_TOLD,
} from '../../../../src/agents/tools/agent-record.ts';
import { RecordOnDisk } from '../../../../src/agents/tools/record-on-disk.ts';

async function home(t: TestContext) {
  const folder = await mkdtemp(path.join(tmpdir(), 'agent-world-record-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const open = (clientSession = 'one', identity = 'ada') =>
    RecordOnDisk.open({ home: folder, database: 'w', identity, clientSession }, Date.now);
  return { folder, open };
}

function entry(fileId: number, more: Partial<FileEntry> = {}): FileEntry {
  const file = `${fileId}.txt`;
  return {
    fileId,
    path: file,
    toldPath: file,
    version: 1,
    toldVersion: 1,
    seen: 'all',
    isMixed: false,
    atMs: fileId,
    ...more,
  };
}

function put(record: RecordOnDisk, file: FileEntry): void {
  record.putFile(file);
  record.flush();
}

test('what one process writes another one of the same client session reads, also later', async (t) => {
  const { open } = await home(t);
  const [one, other] = [open(), open()];
  one.putFile(entry(1, { version: 3 }));
  assert.equal(one.file(1)?.version, 3, 'counts at once');
  one.flush();
  assert.equal(other.file(1)?.version, 3);
  assert.equal(other.fileAt('1.txt')?.fileId, 1);
  other.putFile(entry(1, { version: 4, toldPath: 'new.txt' }));
  assert.equal(other.fileAt('new.txt')?.fileId, 1);
  await setImmediate();
  assert.equal(one.file(1)?.version, 4);
  assert.equal(one.fileAt('new.txt')?.fileId, 1);
  assert.deepEqual(open().files(), one.files());
  assert.deepEqual(open('two').files(), []);
  assert.deepEqual(open('one', 'bob').files(), []);
});

test('an agent is not told again in a new session what it was told in another', async (t) => {
  const { open } = await home(t);
  open().putTold({ ...NOTHING_TOLD, noteId: 7, tickets: [3] });
  assert.deepEqual(open('two').told(), { ...NOTHING_TOLD, noteId: 7 });
  open().putTold({ ...NOTHING_TOLD, noteId: 5 });
  assert.equal(open().told().noteId, 7, 'what was told stays told');
});

test('only its owner can read a record, and no half of one is ever there', async (t) => {
  const { folder, open } = await home(t);
  put(open(), entry(1));
  const names = await readdir(folder, { recursive: true });
  for (const name of names) {
    const { mode } = await stat(path.join(folder, name));
    if (process.platform !== 'win32' && name !== 'agent-records')
      assert.equal(mode & 0o077, 0, name);
  }
  assert.ok(names.every((name) => !/json\./.test(name)));
  const file = names.find((name) => path.basename(name).startsWith('1.'))!;
  assert.doesNotMatch(await readFile(path.join(folder, file), 'utf8'), /\n/);
  await writeFile(path.join(folder, file), '{"fileId":');
  assert.equal(open().file(1), undefined, 'what is damaged was never told');
  put(open(), entry(1));
  assert.equal(open().file(1)?.version, 1);
});

test('one file of the disk tells of a file of the world, however often it was noted', async (t) => {
  const { folder, open } = await home(t);
  const [one, other] = [open(), open()];
  for (let version = 1; version < 9; version++) {
    put(version % 3 === 0 ? other : one, entry(1, { version }));
    assert.equal(one.file(1)?.version, version);
    assert.equal(other.file(1)?.version, version);
  }
  const names = await readdir(folder, { recursive: true });
  assert.equal(names.filter((name) => path.basename(name).startsWith('1.')).length, 1);
});

test('a record is bounded: the file that was given first is forgotten first', async (t) => {
  const { open } = await home(t);
  const record = open();
  for (let fileId = 1; fileId <= MOST_FILES + 3; fileId++) record.putFile(entry(fileId));
  record.flush();
  assert.equal(record.files().length, MOST_FILES);
  assert.equal(record.file(3), undefined);
  assert.equal(record.file(4)?.fileId, 4);
});

test('what a full disk does not take is known to its process, and is written once there is room', async (t) => {
  const { folder, open } = await home(t);
  // Nothing can be written below what is no folder.
  const place = path.join(folder, 'agent-records');
  await writeFile(place, '');
  const record = open();
  for (let fileId = 1; fileId <= MOST_FILES + 9; fileId += 1) put(record, entry(fileId));
  record.putTold({ ...NOTHING_TOLD, noteId: 7 });
  assert.equal(record.file(MOST_FILES)?.version, 1);
  assert.equal(record.files().length, MOST_FILES);
  assert.equal(record.told().noteId, 7);

  await rm(place);
  const roomy = open();
  assert.equal(roomy.told().noteId, 0);
  record.flush();
  assert.equal(roomy.told().noteId, 7);
  assert.equal(roomy.file(MOST_FILES)?.version, 1);
});
