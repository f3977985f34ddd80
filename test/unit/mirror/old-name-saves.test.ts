import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { Text } from '../../../src/core/text.ts';
import { DocumentSaves, type SavedDocument } from '../../../src/editor/document-saves.ts';
import type { TextsSince } from '../../../src/editor/recent-texts.ts';
import { DiskFiles, hashOf } from '../../../src/mirror/disk-files.ts';
import { movePut, putBefore } from '../../../src/mirror/moved-put.ts';
import type { WorldSession } from '../../../src/world/world-session.ts';
import { MirrorLab } from './mirror-lab.ts';
import { ModelWorld } from './model-world.ts';

const OLD = 'old-name.md';
const NEW = 'new-name.md';
const BEFORE = 'one\ntwo\n';
const TYPED = 'one typed\ntwo\n';

test('an editor that saves what is left over under a former name makes no second file', async (context) => {
  const { lab, world, document, saves } = await open(context);
  rename(lab, world);
  await moved(lab);
  world.editTo(1, 1, TYPED);
  await lab.lookAtAll();
  // The document is not of the file any more, and has its text.
  await saves.announce(document);
  lab.write(OLD, BEFORE);
  const fileId = saves.fileOf(document);
  assert.equal(fileId, 1);
  await saves.report(document, fileId);
  await lab.lookAtAll();
  isOneFile(lab, world, TYPED);
});

test('a save that had begun when the file got its other name is that file’s, whatever the document is by then', async (context) => {
  const { lab, world, document, saves } = await open(context);
  await saves.announce(document);
  rename(lab, world);
  await moved(lab);
  document.shownFileId = undefined;
  lab.write(OLD, BEFORE);
  assert.equal(saves.fileOf(document), 1);
  await saves.report(document, 1);
  assert.equal(saves.fileOf(document), undefined, 'the next one is not');
  await lab.lookAtAll();
  isOneFile(lab, world, BEFORE);
});

for (const when of ['before the file got its other name', 'after'] as const) {
  test(`what an editor that could not wait saved at the former name ${when} is known as that`, async (context) => {
    const { lab, world, document, saves } = await open(context);
    const put = putBefore(lab.log, { fileId: 1, path: OLD });
    if (when === 'after') rename(lab, world);
    else world.editTo(1, 1, TYPED);
    document.text = TYPED;
    lab.write(OLD, TYPED);
    await saves.report(document, 1);
    if (when === 'after') world.editTo(1, 1, TYPED);
    else rename(lab, world);
    await movePut({ files: new DiskFiles(lab.folder), folderLog: lab.log }, put, NEW);
    const bytes = when === 'after' ? BEFORE : TYPED;
    assert.equal(lab.log.lastPut(NEW)?.hash, hashOf(Buffer.from(bytes)));
    await lab.lookAtAll();
    isOneFile(lab, world, TYPED);
  });
}

function isOneFile(lab: MirrorLab, world: ModelWorld, text: string): void {
  const living = [...world.files()].filter(({ deleted }) => !deleted);
  assert.deepEqual(
    living.map((file) => file.path),
    [NEW],
  );
  assert.equal(world.textOf(1).toString(), text);
  assert.equal(lab.text(NEW), text);
  assert.ok(!fs.existsSync(path.join(lab.folder, OLD)), 'nothing is left at the former name');
}

/** As the window does in which the user gives it another name. */
function rename(lab: MirrorLab, world: ModelWorld): void {
  fs.renameSync(path.join(lab.folder, OLD), path.join(lab.folder, NEW));
  world.renameNow(1, OLD, NEW);
}

async function moved(lab: MirrorLab): Promise<void> {
  const files = new DiskFiles(lab.folder);
  const put = { ...putBefore(lab.log, { fileId: 1, path: OLD }) };
  await movePut({ files, folderLog: lab.log }, put, NEW);
}

async function open(context: TestContext) {
  const world = new ModelWorld();
  const lab = await MirrorLab.open(context, world);
  world.createNow(OLD, BEFORE);
  await lab.lookAtAll();
  const saves = new DocumentSaves({
    session: {
      view: { files: { get: (fileId: number) => world.file(fileId) } },
    } as never as WorldSession,
    files: new DiskFiles(lab.folder),
    folderLog: lab.log,
    ids: { next: () => '' },
    keepCopy: () => assert.fail('nothing is left for a copy'),
    signal: new AbortController().signal,
  });
  return { lab, world, saves, document: new LeftDocument() };
}

/** A document at the former name. */
class LeftDocument implements SavedDocument {
  readonly document = {};
  readonly path = OLD;
  readonly eol = 'lf';
  readonly followedEol = 'lf';
  readonly binding = undefined;
  shownFileId: number | undefined = 1;
  text = BEFORE;

  textsFromNow(): TextsSince {
    return { first: Text.of(this.text), count: 0 };
  }

  hadText(text: string): Promise<boolean> {
    return Promise.resolve(text === this.text);
  }

  savedText(): Promise<string | undefined> {
    return Promise.resolve(this.text);
  }

  caughtUp(): Promise<void> {
    return Promise.resolve();
  }

  heardAll(): Promise<void> {
    return Promise.resolve();
  }
}
