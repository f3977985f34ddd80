import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { hashOf } from '../../../src/mirror/disk-files.ts';
import { FolderLog } from '../../../src/mirror/folder-log.ts';
import { type FolderLogEntry, removedPut } from '../../../src/mirror/folder-log-entry.ts';

const alone = () => Promise.resolve(true);

test('a long log is written anew for the only window, and says the same of every file', async (context) => {
  const { directory, file } = await longLog(context);
  const before = fs.statSync(file).size;
  const log = await FolderLog.open(directory, alone);
  assert.ok(fs.statSync(file).size < before / 10, 'it is short now');
  for (const each of [log, await FolderLog.open(directory, alone)]) {
    assert.equal(each.lastPut('a.md')?.version, 5_000);
    assert.equal(each.lastPut('typed.md')?.hash, hashOf(Buffer.from('kept')));
    assert.equal(each.lastVersion('typed.md'), 3, 'what its text comes from');
    assert.equal(each.putOf('cut.md', 'new')?.version, 2, 'a crash while it was put');
    assert.equal(each.judged('judged.md')?.ticketId, 9);
    assert.deepEqual([...each.paths()].sort(), ['a.md', 'cut.md', 'judged.md', 'typed.md']);
  }
  assert.equal(String(await log.readText(hashOf(Buffer.from('kept')))), 'kept');
  assert.equal(await log.readText(hashOf(Buffer.from('dropped'))), undefined);
});

test('a long log of a folder that is not watched says so also when it was written anew', async (context) => {
  const { directory, file } = await longLog(context);
  await (await FolderLog.open(directory)).tellWatched('refused');
  const before = fs.statSync(file).size;
  const log = await FolderLog.open(directory, alone);
  assert.ok(fs.statSync(file).size < before / 10, 'it is short now');
  await log.tellWatched('refused');
  const other = await FolderLog.open(directory);
  assert.equal(other.isUnwatched, true);
  await log.tellWatched('given');
  await other.refresh();
  assert.equal(other.isUnwatched, false);
});

test('what is outside of the world is known to whoever opens the log later, also of one that was written anew', async (context) => {
  const { directory, file } = await longLog(context);
  const [link, large] = [
    { path: 'link.md', why: 'symlink' },
    { path: 'large.txt', why: 'too_large' },
  ] as const;
  const former = await FolderLog.open(directory);
  await former.append({ tag: 'outside', paths: ['link.md'], files: [link] });
  await former.append({ tag: 'outside', paths: ['gone.md', 'large.txt'], files: [large] });
  const before = fs.statSync(file).size;
  const log = await FolderLog.open(directory, alone);
  assert.ok(fs.statSync(file).size < before / 10, 'it is short now');
  const other = await FolderLog.open(directory);
  for (const each of [log, other]) assert.deepEqual(each.outside(), [link, large]);
  await log.append({ tag: 'outside', paths: ['link.md'], files: [] });
  await other.refresh();
  assert.deepEqual(other.outside(), [large]);
});

test('a log that others have open is left as it is', async (context) => {
  const { directory, file } = await longLog(context);
  const before = fs.readFileSync(file);
  await FolderLog.open(directory, () => Promise.resolve(false));
  assert.deepEqual(fs.readFileSync(file), before);
});

test('windows that open a long log at once miss nothing that one of them writes', async (context) => {
  const { directory } = await longLog(context);
  let windows = 0;
  const opened = await Promise.all(
    Array.from({ length: 4 }, async (_, index) => {
      windows += 1;
      const log = await FolderLog.open(directory, () => Promise.resolve(windows === 1));
      await log.append({ tag: 'put', path: `w${index}.md`, fileId: 9, version: 1, hash: 'w' });
      return log;
    }),
  );
  for (const log of opened) {
    await log.refresh();
    for (let index = 0; index < 4; index++) assert.ok(log.lastPut(`w${index}.md`));
  }
});

test('what was put at a path while another put was told to be gone is still known', async (context) => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-log-'));
  context.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  const log = await FolderLog.open(directory);
  const put = (hash: string, stamp: string): FolderLogEntry => {
    return { tag: 'put', path: 'a.md', fileId: 1, version: 1, hash, stamp };
  };
  await log.append(put('first', '1'));
  const gone = removedPut('a.md', log.lastPut('a.md'));
  await log.append(put('saved', '2'), gone);
  assert.equal(log.lastPut('a.md')?.hash, 'saved');
  await log.append(put('first', '3'), gone);
  assert.equal(log.lastPut('a.md')?.stamp, '3', 'the same bytes were saved once more');
  await log.append(removedPut('a.md', log.lastPut('a.md')));
  assert.equal(log.lastPut('a.md'), undefined);
  await log.append(put('first', '1'), { tag: 'removed', path: 'a.md' });
  assert.equal(log.lastPut('a.md'), undefined, 'as it was written before');
});

async function longLog(context: TestContext): Promise<{ directory: string; file: string }> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-log-'));
  context.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  const log = await FolderLog.open(directory);
  const put = (file: string, version: number, hash: string): FolderLogEntry => ({
    tag: 'put',
    path: file,
    fileId: 1,
    version,
    hash,
  });
  const many = Array.from({ length: 5_000 }, (_, index) => put('a.md', index + 1, `h${index}`));
  await log.append(...many);
  await log.append(put('gone.md', 1, 'g'), { tag: 'removed', path: 'gone.md' });
  await log.append(put('typed.md', 3, 'h'), put('typed.md', 0, hashOf(Buffer.from('kept'))));
  await log.append(put('cut.md', 1, 'old'), {
    ...put('cut.md', 2, 'new'),
    tag: 'putting',
  } as FolderLogEntry);
  await log.append(put('judged.md', 1, 'j'), {
    tag: 'judged',
    path: 'judged.md',
    fileId: 1,
    hash: 'k',
    ticketId: 9,
  });
  for (const text of ['kept', 'dropped']) {
    await log.keepText(hashOf(Buffer.from(text)), Buffer.from(text));
  }
  return { directory, file: path.join(directory, 'folder.log') };
}
