import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Text } from '../../../src/core/text.ts';
import { DocumentSaves, type SavedDocument } from '../../../src/editor/document-saves.ts';
import { DiskFiles, type Replaced } from '../../../src/mirror/disk-files.ts';
import type { WorldSession } from '../../../src/world/world-session.ts';
import { MirrorLab } from './mirror-lab.ts';
import { ModelWorld } from './model-world.ts';

const FILE = 'file.md';
const WORLDS = 'one  \ntwo\n';
const SAVED = 'one\ntwo\n';

test('what a save made otherwise is written as the world has it, and nobody takes either for a tool’s', async (context) => {
  const { lab, world, saves, document } = await saved(context);
  assert.ok(await saves.writeInstead(document, 1, WORLDS));
  assert.equal(lab.text(FILE), WORLDS);
  await lab.lookAtAll();
  assert.equal(world.textOf(1).toString(), WORLDS);
  assert.equal(world.file(1)?.version, 1);
});

test('what the editor does not load is as it was saved again', async (context) => {
  const { lab, saves, document } = await saved(context);
  const putBack = await saves.writeInstead(document, 1, WORLDS);
  await putBack!();
  assert.equal(lab.text(FILE), SAVED);
});

test('what a tool wrote on top of a save stays', async (context) => {
  const { lab, saves, document } = await saved(context);
  lab.write(FILE, 'a tool’s\n');
  assert.equal(await saves.writeInstead(document, 1, WORLDS), undefined);
  assert.equal(lab.text(FILE), 'a tool’s\n');
});

test('what a tool wrote on top of what was written instead is not put back', async (context) => {
  const { lab, saves, document } = await saved(context);
  const putBack = await saves.writeInstead(document, 1, WORLDS);
  lab.write(FILE, 'a tool’s\n');
  await putBack!();
  assert.equal(lab.text(FILE), 'a tool’s\n');
});

test('what a tool writes while a save is written otherwise is taken in, and not put back over', async (context) => {
  const { lab, world, saves, document, disk } = await saved(context);
  disk.meanwhile = () => lab.write(FILE, `${SAVED}a tool’s\n`);
  const putBack = await saves.writeInstead(document, 1, WORLDS);
  await lab.lookAtAll();
  assert.equal(world.textOf(1).toString(), `${WORLDS}a tool’s\n`);
  await lab.lookAtAll();
  assert.equal(lab.text(FILE), `${WORLDS}a tool’s\n`);
  assert.deepEqual(world.tickets, []);
  await putBack!();
  assert.equal(lab.text(FILE), `${WORLDS}a tool’s\n`);
});

test('what a tool writes while what was saved is put back is taken in', async (context) => {
  const { lab, world, saves, document, disk } = await saved(context);
  const putBack = await saves.writeInstead(document, 1, WORLDS);
  disk.meanwhile = () => lab.write(FILE, `${WORLDS}a tool’s\n`);
  await putBack!();
  await lab.lookAtAll();
  assert.match(world.textOf(1).toString(), /two\na tool’s\n$/);
  await lab.lookAtAll();
  assert.equal(lab.text(FILE), world.textOf(1).toString());
  assert.deepEqual(world.tickets, []);
});

/** A disk on which a tool writes in place after the last look. */
class BusyDisk extends DiskFiles {
  meanwhile: (() => void) | undefined;

  protected override async giveWay(
    ...how: Parameters<DiskFiles['giveWay']>
  ): Promise<Replaced | undefined> {
    this.meanwhile?.();
    this.meanwhile = undefined;
    return super.giveWay(...how);
  }
}

/** A window has saved a text that is not the world's. */
async function saved(context: TestContext) {
  const world = new ModelWorld();
  const lab = await MirrorLab.open(context, world);
  world.createNow(FILE, WORLDS);
  await lab.lookAtAll();
  const disk = new BusyDisk(lab.folder);
  const saves = new DocumentSaves({
    session: {
      view: { files: { get: (fileId: number) => world.file(fileId) } },
    } as never as WorldSession,
    files: disk,
    folderLog: lab.log,
    ids: { next: () => '' },
    keepCopy: () => assert.fail('nothing is left for a copy'),
    signal: new AbortController().signal,
  });
  const text = Text.of(SAVED);
  const document: SavedDocument = {
    document: {},
    path: FILE,
    eol: 'lf',
    followedEol: 'lf',
    binding: {
      flushed: () => Promise.resolve(),
      state: { confirmed: { version: 1, text: Text.of(WORLDS) } },
    },
    shownFileId: 1,
    textsFromNow: () => ({ first: text, count: 0 }),
    hadText: (written) => Promise.resolve(written === SAVED || written === WORLDS),
    savedText: () => Promise.resolve(SAVED),
    caughtUp: () => Promise.resolve(),
    heardAll: () => Promise.resolve(),
  };
  await saves.announce(document);
  lab.write(FILE, SAVED);
  await saves.report(document, 1);
  return { lab, world, saves, document, disk };
}
