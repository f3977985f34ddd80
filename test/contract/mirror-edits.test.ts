// Edits of many files that a mirror sends together: each stays one of its own.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { mirrorWorldOf } from '../../src/mirror/mirror-world.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import { startCuttingProxy } from '../harness/cutting-proxy.ts';
import { KeptFolder } from '../harness/term-lab.ts';
import { caughtUp, WorldLab } from './world-lab.ts';

const FILES = Array.from({ length: 30 }, (_, number) => `${number}.txt`);
const START = { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 3 } as const;

test('of edits that go together one that is refused takes no other with it', async (t) => {
  const lab = await WorldLab.open(t);
  const ada = await lab.agent({ kind: 'agent' });
  const bob = await lab.agent({ kind: 'agent' });
  for (const file of FILES) await ada.create(file, 'one\n');
  await caughtUp(bob.session);
  await bob.read('7.txt');
  const claimed = await bob.claim('7.txt', { firstLine: 0, lastLine: 0 }, 'mine', 60_000);
  assert.equal(claimed.tag, 'claimed');
  await caughtUp(ada.session);
  const verdicts = await editAll(ada.session);
  assert.deepEqual(
    verdicts.map(({ tag }) => tag),
    FILES.map((file) => (file === '7.txt' ? 'refused' : 'applied')),
  );
  assert.equal(ada.session.view.tickets.size, 0);
});

test('of edits that go together one that meets another’s is a ticket of its own', async (t) => {
  const lab = await WorldLab.open(t);
  const address = new URL(lab.server.uri);
  const proxy = await startCuttingProxy(Number(address.port || 80));
  t.after(() => proxy.close());
  address.port = String(proxy.port);
  const ada = await lab.agent({}, { uri: address.href });
  const bob = await lab.agent();
  for (const file of FILES) await ada.create(file, 'one\n');
  await caughtUp(ada.session, bob.session);
  // Ada does not hear of it before she has sent hers.
  proxy.losesAnswers = true;
  await bob.read('7.txt');
  const met = await bob.edit('7.txt', [{ ...START, text: 'bob' }]);
  assert.equal(met.tag, 'applied');
  const sent = editAll(ada.session);
  await new Promise((resolve) => setImmediate(resolve));
  proxy.cut();
  proxy.losesAnswers = false;
  const verdicts = await sent;
  assert.deepEqual(
    verdicts.map(({ tag }) => tag),
    FILES.map((file) => (file === '7.txt' ? 'ticketed' : 'applied')),
  );
  await caughtUp(bob.session);
  const open = [...bob.session.view.tickets.values()].filter(({ status }) => status === 'open');
  assert.deepEqual(
    open.map(({ fileId }) => bob.session.view.files.get(fileId)?.path),
    ['7.txt'],
  );
});

function editAll(session: Parameters<typeof mirrorWorldOf>[0]) {
  const newId = (): string => newUuid(Date.now(), systemRandomBytes);
  const world = mirrorWorldOf(session, newId, new AbortController().signal);
  return Promise.all(
    FILES.map((file) => {
      const { fileId, version } = world.fileAt(file)!;
      return world.edit(fileId, version, [{ ...START, text: 'two' }]);
    }),
  );
}

test('a folder that has an older version of a file, and was never kept, gets the newest one and no ticket', async (t) => {
  const lab = await WorldLab.open(t);
  const ada = await lab.agent();
  const bob = await lab.agent();
  for (const file of ['old.txt', 'other.txt']) await ada.create(file, 'one\n');
  await caughtUp(bob.session);
  for (const file of ['old.txt', 'other.txt']) {
    await bob.read(file);
    const written = await bob.edit(file, [{ ...START, text: 'bob' }]);
    assert.equal(written.tag, 'applied');
  }
  await caughtUp(ada.session);
  const place = path.join(lab.folder, 'ada');
  await mkdir(path.join(place, 'folder'), { recursive: true });
  await writeFile(path.join(place, 'folder', 'old.txt'), 'one\n');
  await writeFile(path.join(place, 'folder', 'other.txt'), 'made here\n');
  const folder = await KeptFolder.keep(ada.session, place);
  lab.endsFirst(() => folder.close());
  assert.deepEqual(await folder.texts(), { 'old.txt': 'bob\n', 'other.txt': 'bob\n' });
  await caughtUp(ada.session);
  const tickets = [...ada.session.view.tickets.values()];
  assert.deepEqual(
    tickets.map(({ fileId }) => ada.session.view.files.get(fileId)?.path),
    ['other.txt'],
  );
});
