import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Text } from '../../../src/core/text.ts';
import { DocumentSaves } from '../../../src/editor/document-saves.ts';
import { PlainSaves } from '../../../src/editor/plain-saves.ts';
import { DiskFiles, hashOf } from '../../../src/mirror/disk-files.ts';
import type { SavedEntry } from '../../../src/mirror/saved-files.ts';
import type { WorldSession } from '../../../src/world/world-session.ts';
import { ManualClock } from '../agents/manual-clock.ts';
import { MirrorLab } from '../mirror/mirror-lab.ts';
import { ModelWorld } from '../mirror/model-world.ts';

const NAME = 'a.ipynb';

/** A window with one document that is not live, beside the mirror of its folder. */
async function openWindow(context: TestContext) {
  const world = new ModelWorld();
  world.createNow(NAME, 'one\ntwo\nthree\nfour\n');
  const lab = await MirrorLab.open(context, world);
  await lab.lookAtAll();
  const view = { fileAt: (path: string) => world.fileAt(path) };
  const files = new DiskFiles(lab.folder);
  const saves = new DocumentSaves({
    session: { view } as never as WorldSession,
    files,
    folderLog: lab.log,
    ids: { next: () => '' },
    keepCopy: () => Promise.resolve(''),
    signal: new AbortController().signal,
  });
  const clock = new ManualClock();
  const warnings: string[] = [];
  const plain = new PlainSaves({
    session: { view },
    files,
    folderLog: lab.log,
    windowId: 'w',
    saves,
    clock,
    output: { warn: (message) => void warnings.push(message) },
  });
  context.after(() => plain.dispose());
  const saved: SavedEntry[] = [];
  lab.log.onEntry((entry) => entry.tag === 'saved' && saved.push(entry));
  const document = {};
  return {
    world,
    lab,
    clock,
    warnings,
    plain,
    document,
    announced: {
      document,
      path: NAME,
      shownFileId: undefined,
      binding: undefined,
      textsFromNow: () => ({ first: Text.of(''), count: 0 }),
      caughtUp: () => Promise.resolve(),
    },
    saved,
    load: (isShown: (bytes: Uint8Array) => boolean | Promise<boolean> = () => true) =>
      plain.loaded(document, NAME, isShown),
    others: async (was: string, is: string): Promise<void> => {
      const { version } = world.file(1)!;
      world.editTo(1, version, world.textOf(1).toString().replace(was, is));
      await lab.lookAtAll();
    },
    save: async (text: string): Promise<void> => {
      lab.write(NAME, text);
      await plain.saved(document, NAME);
    },
  };
}

test('a save is told of with what was loaded, and the next one with what that one wrote', async (context) => {
  const { world, lab, saved, load, others, save } = await openWindow(context);
  const loaded = hashOf(lab.bytes(NAME));
  assert.equal(await load(), 'loaded');
  await others('four', '4');
  await save('1\ntwo\nthree\nfour\n');
  assert.deepEqual(saved[0]?.on, { fileId: 1, version: 1, hash: loaded, holds: 1 });
  await lab.lookAtAll();
  assert.equal(world.textOf(1).toString(), '1\ntwo\nthree\n4\n');
  await save('1\ntwo\n3\nfour\n');
  assert.deepEqual(saved[1]?.on, { fileId: 1, version: 0, hash: saved[0]?.hash, holds: 1 });
  await lab.lookAtAll();
  assert.equal(world.textOf(1).toString(), '1\ntwo\n3\n4\n');
  assert.deepEqual(world.tickets, []);
});

test('what was saved and became a version is known as that', async (context) => {
  const { lab, saved, load, save } = await openWindow(context);
  await load();
  await save('1\ntwo\nthree\nfour\n');
  await lab.lookAtAll();
  await save('1\n2\nthree\nfour\n');
  assert.deepEqual(saved[1]?.on, { fileId: 1, version: 2, hash: saved[0]?.hash, holds: 2 });
});

test('what an editor does not show it has not loaded, nor what was looked at before it was told of', async (context) => {
  const { lab, plain, document, saved, load, others, save } = await openWindow(context);
  const loaded = hashOf(lab.bytes(NAME));
  await load();
  await others('four', '4');
  assert.equal(await load(() => false), 'not_shown');
  const late = Promise.withResolvers<boolean>();
  const looked = load(() => late.promise);
  await others('three', '3');
  assert.equal(await load(), 'loaded');
  late.resolve(true);
  assert.equal(await looked, 'overtaken');
  await save('1\ntwo\n3\n4\n');
  assert.equal(saved[0]?.on?.version, 3);
  await load();
  plain.forget(document);
  await save('1\n2\n3\n4\n');
  assert.equal(saved[1]?.on, undefined);
  assert.notEqual(saved[0]?.on?.hash, loaded);
});

test('what was looked at before a document was closed, or saved, says nothing of it any more', async (context) => {
  const { plain, document, saved, load, save } = await openWindow(context);
  for (const isShown of [true, false]) {
    const late = Promise.withResolvers<boolean>();
    const looked = load(() => late.promise);
    plain.forget(document);
    late.resolve(isShown);
    assert.equal(await looked, 'overtaken');
  }
  await load();
  const saving = save('1\ntwo\nthree\nfour\n');
  plain.forget(document);
  await saving;
  await save('1\n2\nthree\nfour\n');
  assert.equal(saved[1]?.on, undefined);
});

test('a document that is live no more goes on with the text that it has, once', async (context) => {
  const { world, lab, plain, document, save, others } = await openWindow(context);
  const left = new TextEncoder().encode('one!\ntwo\nthree\nfour\n');
  await plain.shows(document, NAME, left, { fileId: 1, version: 1 });
  // What it had not sent by then comes in by itself.
  await others('one', 'one!');
  await others('four', '4');
  await save('one!\n2\nthree\nfour\n');
  await lab.lookAtAll();
  assert.equal(world.textOf(1).toString(), 'one!\n2\nthree\n4\n');
  assert.deepEqual(world.tickets, []);
});

test('until a save is told of nobody takes what it wrote for a tool’s, and a save that fails holds up nobody', async (context) => {
  const { lab, clock, plain, document, announced } = await openWindow(context);
  await plain.announce(announced);
  lab.write(NAME, '1\ntwo\nthree\nfour\n');
  const answer = lab.log.whoSaved(NAME, hashOf(lab.bytes(NAME)));
  await plain.report(document, NAME, () => plain.saved(document, NAME));
  assert.equal(await answer, 'denied');
  assert.ok(lab.log.saved.has(NAME), 'it is known by then');
  assert.deepEqual(lab.log.holders(NAME), []);

  await plain.announce(announced);
  assert.equal(lab.log.holders(NAME).length, 1);
  clock.pass(5_000);
  await lab.log.append();
  assert.deepEqual(lab.log.holders(NAME), []);
});

test('where the disk is full what nobody waits for fails in the log, and nowhere else', async (context) => {
  const { lab, clock, plain, document, announced, warnings } = await openWindow(context);
  await plain.announce(announced);
  const append = lab.log.append.bind(lab.log);
  lab.log.append = () => Promise.reject(new Error('no space left'));
  const hash = hashOf(lab.bytes(NAME));
  const query = { tag: 'query', queryId: 'q', path: NAME, hash, isReplaced: true } as const;
  await append(query);
  await new Promise(setImmediate);
  assert.deepEqual(warnings, ['editor.save_untold']);
  clock.pass(5_000);
  await new Promise(setImmediate);
  assert.deepEqual(warnings, ['editor.save_untold', 'editor.save_untold']);
  lab.log.append = append;
  await plain.end(document, NAME);
});
