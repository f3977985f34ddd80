import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { Text } from '../../../src/core/text.ts';
import { DraftFiles } from '../../../src/editor/draft-files.ts';
import { LeftWatch } from '../../../src/editor/left-watch.ts';
import { wasShown } from '../../../src/editor/shown-texts.ts';
import type { JournalRecord, UnsentEdits } from '../../../src/sync/draft-journal.ts';
import { newEdit } from '../../../src/sync/pending-edit.ts';
import { silentLog } from '../../../src/world/log.ts';

const FILE = 7;

test('S8: what an ended window left, and could not be sent now, is there to be taken again', async (context) => {
  const root = scratchFolder(context);
  await leaveEdits(root, 'ended', 'x');
  const drafts = await DraftFiles.open(root, 'window');
  context.after(() => drafts.dispose());
  drafts.takeLeft(FILE)!.giveBack();
  assert.deepEqual(drafts.filesLeft, [FILE]);
  assert.equal(typedIn(drafts.takeLeft(FILE)!.unsent), 'x');
  assert.equal(drafts.takeLeft(FILE), undefined, 'once');
});

test('S8: windows that start at once after one that ended all start, and one of them has its edits', async (context) => {
  const root = scratchFolder(context);
  await leaveEdits(root, 'ended', 'x');
  const names = ['a', 'b', 'c', 'd'];
  const windows = await Promise.all(names.map((name) => DraftFiles.open(root, name)));
  context.after(() => windows.forEach((drafts) => drafts.dispose()));
  await Promise.all(windows.map((drafts) => drafts.adopt()));
  const taken = windows.map((drafts) => drafts.takeLeft(FILE)).filter((left) => left);
  assert.equal(taken.length, 1);
  await Promise.all(windows.map((drafts) => drafts.append(FILE, [unsent('y')])));
});

test('S8: a window that was still ending when the next one started is taken over once it has ended', async (context) => {
  const root = scratchFolder(context);
  const ending = await DraftFiles.open(root, 'ending');
  await ending.append(FILE, [unsent('x')]);
  const drafts = await DraftFiles.open(root, 'window');
  context.after(() => drafts.dispose());
  const due: (() => void)[] = [];
  const found = Promise.withResolvers<void>();
  const watch = new LeftWatch({
    drafts,
    after: (_delayMs, fire) => {
      due.push(fire);
      return () => undefined;
    },
    onFound: found.resolve,
    output: silentLog,
  });
  await watch.look();
  assert.deepEqual(drafts.filesLeft, [], 'it lives');
  await ending.append(FILE, [unsent('xy')]);
  ending.dispose();
  due.at(-1)?.();
  await found.promise;
  assert.equal(typedIn(drafts.takeLeft(FILE)!.unsent), 'xy');
  watch.dispose();
});

test('S8: edits that are sent for an ended window, and new ones of the same file, both survive a crash', async (context) => {
  const root = scratchFolder(context);
  await leaveEdits(root, 'ended', 'x');
  const second = await DraftFiles.open(root, 'second');
  const left = second.takeLeft(FILE)!;
  await left.store.append(FILE, [{ tag: 'unsent', ...left.unsent }]);
  await second.append(FILE, [unsent('y')]);
  second.dispose();
  const third = await DraftFiles.open(root, 'third');
  context.after(() => third.dispose());
  const texts = [third.takeLeft(FILE), third.takeLeft(FILE)].map((each) => typedIn(each!.unsent));
  assert.deepEqual(texts.sort(), ['x', 'y']);
});

test('S8: what was sent for an ended window is not left to the next one', async (context) => {
  const root = scratchFolder(context);
  await leaveEdits(root, 'ended', 'x');
  const second = await DraftFiles.open(root, 'second');
  await second.takeLeft(FILE)!.drop();
  second.dispose();
  const third = await DraftFiles.open(root, 'third');
  context.after(() => third.dispose());
  assert.deepEqual(third.filesLeft, []);
});

test('a text that a window showed with edits of its own is known for its typing, also after it ended', async (context) => {
  const root = scratchFolder(context);
  await leaveEdits(root, 'ended', 'x', 'xy');
  const drafts = await DraftFiles.open(root, 'window');
  context.after(() => drafts.dispose());
  const journals = await drafts.othersRecords(FILE);
  const read = (version: number) => Promise.resolve({ version, text: Text.of('one\n') });
  const isKnown = (text: string, since = 0) => wasShown(text, journals, read, since);
  assert.equal(await isKnown('xone\n'), true);
  assert.equal(await isKnown('xyone\n'), true);
  assert.equal(await isKnown('one\n'), false, 'without edits it may be anybody’s');
  assert.equal(await isKnown('two\n'), false);
  assert.equal(await isKnown('xone\n', 4), false, 'the disk has had newer text since');
});

function scratchFolder(context: TestContext): string {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-drafts-'));
  context.after(() => fs.rmSync(scratch, { recursive: true, force: true }));
  return path.join(scratch, 'drafts');
}

/** A window that lived and ended with these texts typed at the start of the file, one after the other. */
async function leaveEdits(root: string, windowId: string, ...texts: string[]): Promise<void> {
  const drafts = await DraftFiles.open(root, windowId);
  for (const text of texts) await drafts.append(FILE, [unsent(text)]);
  drafts.dispose();
}

function unsent(text: string): JournalRecord {
  const place = { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0 };
  return {
    tag: 'unsent',
    version: 3,
    pending: [newEdit(`op-${text}`, [{ ...place, text }], 'typing', 0)],
  };
}

function typedIn({ pending }: UnsentEdits): string {
  return pending.flatMap(({ changes }) => changes.map(({ text }) => text)).join('');
}
