// Files whose line ends are mixed, in several folders of one world.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { createFile } from '../../src/world/change-file.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { KeptFolder } from '../harness/term-lab.ts';
import { caughtUp, whenever, WorldLab } from './world-lab.ts';

const MIXED = 'one\r\ntwo\nthree\r\nfour\n';

test('a file with mixed line ends has them in every folder, and edits of two at once leave them alone', async (t) => {
  const { ada, bob, adas, bobs } = await twoFolders(t);
  await writeFile(path.join(adas.folder, 'a.txt'), MIXED);
  await whenever(ada, () => ada.view.fileAt('a.txt') !== undefined);
  await areEqual([adas, bobs], 'a.txt', MIXED, 1);
  assert.equal(bob.view.fileAt('a.txt')?.kind, 'text');
  await Promise.all([
    writeFile(path.join(adas.folder, 'a.txt'), MIXED.replace('one', 'ONE')),
    // As many clients write what they edit.
    writeFile(
      path.join(bobs.folder, 'a.txt'),
      MIXED.replace('four', 'FOUR').replaceAll('\r\n', '\n'),
    ),
  ]);
  const both = MIXED.replace('one', 'ONE').replace('four', 'FOUR');
  await areEqual([adas, bobs], 'a.txt', both, 3);
  await writeFile(path.join(bobs.folder, 'a.txt'), both.replace('two\n', 'two\r\n'));
  await whenever(ada, () => ada.view.fileAt('a.txt')?.otherEnds === '0-2');
  await areEqual([adas, bobs], 'a.txt', both.replace('two\n', 'two\r\n'), 3);
  await caughtUp(ada, bob);
  assert.deepEqual([...ada.view.tickets.values()], []);
  assert.deepEqual([...adas.events, ...bobs.events], []);
});

test('what a world has kept as bytes is live once somebody writes it, with the line ends that it had', async (t) => {
  const { ada, adas, bobs } = await twoFolders(t);
  const changer = { session: ada, randomBytes: systemRandomBytes, author: '' };
  const bytes = Buffer.from(MIXED);
  // As earlier versions took it.
  await createFile(changer, 'old.txt', {
    content: { kind: 'binary', bytes },
    mode: 'regular',
  });
  await areEqual([adas, bobs], 'old.txt', MIXED, 1);
  assert.equal(ada.view.fileAt('old.txt')?.kind, 'binary');
  await writeFile(
    path.join(bobs.folder, 'old.txt'),
    MIXED.replace('two', 'two!').replaceAll('\r\n', '\n'),
  );
  await areEqual([adas, bobs], 'old.txt', MIXED.replace('two', 'two!'), 2);
  assert.equal(ada.view.fileAt('old.txt')?.kind, 'text');
  assert.deepEqual([...adas.events, ...bobs.events], []);
});

async function twoFolders(t: Parameters<typeof WorldLab.open>[0]) {
  const lab = await WorldLab.open(t);
  const [ada, bob] = [await lab.enter(await lab.join()), await lab.enter(await lab.join())];
  const keep = async (session: WorldSession, name: string): Promise<KeptFolder> => {
    const folder = await KeptFolder.keep(session, path.join(lab.folder, name));
    lab.endsFirst(() => folder.close());
    return folder;
  };
  return { ada, bob, adas: await keep(ada, 'ada'), bobs: await keep(bob, 'bob') };
}

async function areEqual(
  folders: readonly KeptFolder[],
  name: string,
  text: string,
  version: number,
): Promise<void> {
  for (const { session } of folders) {
    await whenever(session, () => session.view.fileAt(name)?.version === version);
  }
  // What one of them says of line ends is put by the others after that.
  for (let round = 0; round < 2; round++) {
    for (const folder of folders) await folder.look();
    await caughtUp(...folders.map(({ session }) => session));
  }
  for (const { folder } of folders) {
    assert.equal(await readFile(path.join(folder, name), 'utf8'), text);
  }
}
