// Documents of a person's window that are not live: what is saved of them is that person's, and is judged on what
// the window had loaded.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { UNATTRIBUTED } from '../../src/core/unattributed.ts';
import { hashOf } from '../../src/mirror/disk-files.ts';
import { mirrorWorldOf } from '../../src/mirror/mirror-world.ts';
import type { SaveBase } from '../../src/mirror/saved-files.ts';
import { readFile as readWorldFile } from '../../src/world/file-reader.ts';
import { readFileOps } from '../../src/world/read-file-ops.ts';
import { newId } from '../harness/world-stage.ts';
import { until } from '../harness/until.ts';
import { KeptFolder } from '../harness/term-lab.ts';
import { caughtUp, WorldLab } from './world-lab.ts';

const TEXT = 'one\ntwo\nthree\nfour\n';

async function stage(t: TestContext, file: string, content: string | Uint8Array) {
  const lab = await WorldLab.open(t);
  const person = await lab.join();
  const session = await lab.enter(person);
  const bot = await lab.enter(await lab.join({ kind: 'agent' }));
  const kept = await KeptFolder.keep(session, lab.folder, { author: UNATTRIBUTED.identity });
  lab.endsFirst(() => kept.close());
  const place = path.join(kept.folder, file);
  await writeFile(place, content);
  await kept.look();
  await until(() => kept.log.lastPut(file)?.version === 1);
  await caughtUp(bot);
  const { fileId } = session.view.fileAt(file)!;
  const loaded = { fileId, version: 1, hash: hashOf(await readFile(place)), holds: 1 };
  const others = mirrorWorldOf(bot, newId, new AbortController().signal);
  return {
    session,
    person,
    kept,
    fileId,
    others,
    loaded,
    /** An editor writes its text over whatever is there. */
    save: async (text: string | Uint8Array, on: SaveBase = loaded): Promise<void> => {
      await writeFile(place, text);
      const hash = hashOf(await readFile(place));
      await kept.log.append({ tag: 'saved', path: file, hash, on });
    },
    /** Everybody has heard of everything, and the folder is looked at. */
    look: async (): Promise<void> => {
      await caughtUp(session);
      await kept.look();
      await until(() => !kept.log.saved.has(file));
      await kept.look();
    },
    onDisk: () => readFile(place, 'utf8'),
    inWorld: async (): Promise<string> => {
      const found = await readWorldFile(await session.whenOnline(), session.view, fileId);
      return found.kind === 'text' ? found.text.toString() : Buffer.from(found.bytes).toString();
    },
    authors: async (): Promise<readonly (string | undefined)[]> => {
      const head = session.view.files.get(fileId)!;
      const ops = await readFileOps(await session.whenOnline(), fileId, 0, head.version);
      const names = new Map([
        [person.identity, 'person'],
        [bot.identity, 'bot'],
        [UNATTRIBUTED.identity, 'nobody'],
      ]);
      return ops.filter(({ kind }) => kind !== 'mode').map(({ author }) => names.get(author));
    },
  };
}

test('a save of what others have changed since it was loaded keeps both, and is its person’s', async (t) => {
  const { others, fileId, look, save, onDisk, inWorld, authors } = await stage(t, 'a.ipynb', TEXT);
  const last = { startLine: 3, startCharacter: 0, endLine: 3, endCharacter: 4 };
  await others.edit(fileId, 1, [{ ...last, text: '4' }]);
  await look();
  assert.equal(await onDisk(), TEXT.replace('four', '4'));
  await save(TEXT.replace('one', '1'));
  await look();
  const both = TEXT.replace('one', '1').replace('four', '4');
  assert.equal(await inWorld(), both);
  assert.equal(await onDisk(), both);
  assert.deepEqual(await authors(), ['nobody', 'bot', 'person']);
});

test('a save over what is no text and others have exchanged since is a ticket, and theirs stays', async (t) => {
  const bytes = (last: number): Uint8Array => new Uint8Array([0, 1, 2, 255, last]);
  const { session, others, fileId, look, save, inWorld, authors, kept } = await stage(
    t,
    'a.bin',
    bytes(1),
  );
  await others.replaceContent(fileId, 1, { kind: 'binary', bytes: bytes(2) });
  await look();
  await save(bytes(3));
  await look();
  assert.equal(await inWorld(), Buffer.from(bytes(2)).toString());
  assert.equal(session.view.tickets.size, 1);
  assert.equal(kept.events.filter(({ tag }) => tag === 'ticketed').length, 1);
  const { hash } = kept.log.lastPut('a.bin')!;
  await save(bytes(4), { fileId, version: 2, hash, holds: 2 });
  await look();
  assert.equal(await inWorld(), Buffer.from(bytes(4)).toString());
  assert.deepEqual((await authors()).slice(-1), ['person']);
});

test('a save that makes a text of bytes which others have exchanged since is a ticket, and theirs stay', async (t) => {
  const mixed = (last: string): Uint8Array => new TextEncoder().encode(`one\r\ntwo\n${last}\n`);
  const { session, others, fileId, look, save, onDisk, inWorld } = await stage(
    t,
    'a.txt',
    mixed('three'),
  );
  await others.replaceContent(fileId, 1, { kind: 'binary', bytes: mixed('theirs') });
  await look();
  // As an editor writes it: with line ends of one kind.
  await save('one\r\nmine\r\nthree\r\n');
  await look();
  const theirs = Buffer.from(mixed('theirs')).toString();
  assert.equal(await inWorld(), theirs);
  assert.equal(await onDisk(), theirs);
  assert.equal(session.view.tickets.size, 1);
});

test('a save that another one has replaced before it was looked at is in the world, too', async (t) => {
  const { kept, others, fileId, loaded, look, save, inWorld } = await stage(t, 'a.ipynb', TEXT);
  const second = { startLine: 1, startCharacter: 0, endLine: 1, endCharacter: 3 };
  await others.edit(fileId, 1, [{ ...second, text: '2' }]);
  await look();
  const first = TEXT.replace('one', '1');
  const bytes = new TextEncoder().encode(first);
  const hash = hashOf(bytes);
  await kept.log.keepText(hash, bytes);
  await kept.log.append({ tag: 'saved', path: 'a.ipynb', hash, on: loaded });
  const base = kept.log.lastPut('a.ipynb')!;
  assert.equal(base.fileId, fileId);
  // Another window's, which had not loaded that.
  await kept.log.append({ tag: 'overwritten', path: 'a.ipynb', hash, base });
  await save(TEXT.replace('four', '4'));
  await look();
  assert.equal(await inWorld(), '1\n2\nthree\n4\n');
});

test('a save that a tool writes over before it was looked at is its person’s, and the rest is nobody’s', async (t) => {
  const { kept, look, save, inWorld, authors } = await stage(t, 'a.ipynb', TEXT);
  const mine = TEXT.replace('one', '1');
  const bytes = new TextEncoder().encode(mine);
  await kept.log.keepText(hashOf(bytes), bytes);
  const unclaim = await kept.log.claim('a.ipynb');
  await save(mine);
  await writeFile(path.join(kept.folder, 'a.ipynb'), mine.replace('four', '4'));
  await unclaim();
  await look();
  await until(() => kept.log.lastPut('a.ipynb')?.version === 3);
  assert.equal(await inWorld(), mine.replace('four', '4'));
  assert.deepEqual(await authors(), ['nobody', 'person', 'nobody']);
});
