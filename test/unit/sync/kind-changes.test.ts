// A file may stop being a text while it is open: a tool writes bytes, mixed line ends, another encoding.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Text } from '../../../src/core/text.ts';
import { readJournal } from '../../../src/sync/draft-journal.ts';
import { at, Rig, turns } from './binding-rig.ts';

test('S6: a file that is no text any more lets go of its document, which keeps what it shows', async () => {
  const rig = new Rig('one');
  await becomesBinary(rig);
  assert.equal(rig.updates.at(-1)?.tag, 'not_text');
  assert.equal(rig.shown, 'one');
  assert.ok(rig.binding.isSettled, 'nothing is left to be done');
  assert.deepEqual(rig.logged, []);
});

test('S6: what was sent before is judged, and is a draft where it was refused', async () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 3, ' typed'));
  await becomesBinary(rig);
  assert.ok(!rig.binding.isSettled);
  rig.file.answer({ tag: 'refused', code: 'bad_request', message: 'no text' });
  await rig.binding.flushed();
  const [draft] = rig.drafts.values();
  assert.deepEqual([draft?.version, draft?.changes], [1, at(0, 3, ' typed')]);
  assert.ok(rig.binding.isSettled);
  assert.equal(rig.shown, 'one typed', 'the editor keeps it too');
});

test('S6: an answer that came while the file was read again is asked for again', async () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 3, ' typed'));
  const [sent] = rig.file.sent;
  rig.file.isText = false;
  replaceContent(rig);
  rig.file.answer({ tag: 'ticketed', ticketId: 7 });
  await turns();
  assert.equal(rig.file.sent.length, 2);
  assert.equal(rig.lastSent.batchId, sent?.batchId);
  rig.file.answer({ tag: 'ticketed', ticketId: 7 });
  assert.ok(rig.binding.isSettled);
});

test('S6: what was typed while that was not known yet is sent too', async () => {
  const rig = new Rig('one', { isConnected: false });
  replaceContent(rig);
  rig.document.type(at(0, 3, ' typed'));
  rig.file.isText = false;
  rig.file.connect();
  await turns();
  assert.deepEqual(rig.lastSent.ops[0]?.changes, at(0, 3, ' typed'));
  assert.equal(rig.lastSent.ops[0]?.expectedBaseVersion, 1);
});

test('S6: what the editor loaded from the disk meanwhile is nobody’s typing', async () => {
  const rig = new Rig('one', { isConnected: false });
  replaceContent(rig);
  rig.document.type(at(0, 3, '\nloaded'), 'disk');
  rig.file.isText = false;
  rig.file.connect();
  await turns();
  assert.deepEqual(rig.file.sent, []);
  assert.equal(rig.updates.at(-1)?.tag, 'not_text');
});

test('S6: what a closed document has left is judged as well', async () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 3, ' typed'));
  rig.binding.documentClosed();
  await becomesBinary(rig);
  rig.file.answer({ tag: 'refused', code: 'bad_request', message: 'no text' });
  await rig.binding.flushed();
  assert.equal(rig.drafts.size, 1);
  assert.ok(rig.binding.isSettled);
});

test('S6: what is entering while a file stops being a text is nobody’s typing', async () => {
  const rig = new Rig('one');
  rig.file.commit(at(0, 3, ' by B'));
  rig.file.isText = false;
  replaceContent(rig);
  await rig.document.settle();
  assert.equal(rig.shown, 'one by B');
  assert.deepEqual(rig.file.sent, []);
  assert.equal(rig.updates.at(-1)?.tag, 'not_text');
  assert.ok(rig.binding.isSettled);
});

test('S6: what is entering while the content is exchanged is no draft', async () => {
  const rig = new Rig('one');
  rig.file.commit(at(0, 3, ' by B'));
  rig.file.text = Text.of('another');
  replaceContent(rig);
  await rig.document.settle();
  await rig.document.settleAll();
  await rig.binding.flushed();
  assert.equal(rig.shown, 'another');
  assert.deepEqual([...rig.drafts.values()], []);
  assert.ok(rig.binding.isSettled);
});

test('S6: a draft of what was typed while the content was exchanged has nothing of others', async () => {
  const rig = new Rig('one\nthe second line\n', { isConnected: false });
  rig.file.commit(at(0, 3, ' by B'));
  await rig.document.settleAll();
  replaceContent(rig);
  rig.document.type(at(1, 0, 'x'));
  rig.document.type(at(2, 0, 'loaded\n'), 'disk');
  rig.file.text = Text.of('new\nthe second line\nof the tool\n');
  rig.file.connect();
  await turns();
  await rig.document.settleAll();
  await rig.binding.flushed();
  assert.equal(rig.shown, 'new\nthe second line\nof the tool\n');
  const drafts = [...rig.drafts.values()].map(({ version, changes }) => [version, changes]);
  assert.deepEqual(drafts, [[3, at(1, 0, 'x')]]);
  assert.ok(rig.binding.isSettled);
});

test('S6: a key on top of what was loaded meanwhile is typing, and the load is not', async () => {
  const rig = new Rig('one', { isConnected: false });
  replaceContent(rig);
  rig.document.type(at(0, 3, '\nthe tool'), 'disk');
  rig.document.type(at(0, 0, 'x'));
  rig.file.isText = false;
  rig.file.connect();
  await turns();
  assert.deepEqual(
    rig.file.sent.map(({ ops }) => ops.map(({ changes }) => changes)),
    [[at(0, 0, 'x')]],
  );
});

test('S6: what was typed before a load from the disk is sent as well', async () => {
  const rig = new Rig('one', { isConnected: false });
  replaceContent(rig);
  rig.document.type(at(0, 0, 'x'));
  rig.document.type(at(0, 4, '\nthe tool'), 'disk');
  rig.file.isText = false;
  rig.file.connect();
  await turns();
  assert.deepEqual(rig.lastSent.ops[0]?.changes, at(0, 0, 'x'));
  assert.equal(rig.file.sent.length, 1);
});

test('S6: what was typed in a document that is closed before the file is read again is sent', async () => {
  const rig = new Rig('one', { isConnected: false });
  replaceContent(rig);
  rig.document.type(at(0, 3, ' typed'));
  rig.binding.documentClosed();
  rig.file.isText = false;
  rig.file.connect();
  await turns();
  assert.deepEqual(rig.lastSent.ops[0]?.changes, at(0, 3, ' typed'));
});

test('S8: what is typed before the file is read again survives a crash of the window', async () => {
  const rig = new Rig('one', { isConnected: false });
  replaceContent(rig);
  rig.document.type(at(0, 3, ' typed'));
  await rig.binding.flushed();
  const unsent = readJournal(rig.journal);
  assert.equal(unsent?.version, 1);
  assert.deepEqual(unsent?.pending[0]?.changes, at(0, 3, ' typed'));
});

test('S4: a closed document is done with what the editor did not take any more', async () => {
  const rig = new Rig('one');
  rig.file.commit(at(0, 3, ' by B'));
  rig.binding.documentClosed();
  rig.document.calls.shift()!.resolve(false);
  await turns();
  assert.ok(rig.binding.isSettled);
});

test('S4: a closed document is done with what came during the last call to the editor', async () => {
  const rig = new Rig('one');
  rig.file.commit(at(0, 3, ' by B'));
  rig.file.commit(at(0, 0, 'B: '));
  rig.binding.documentClosed();
  rig.document.calls.shift()!.resolve(true);
  await turns();
  assert.ok(rig.binding.isSettled);
});

async function becomesBinary(rig: Rig): Promise<void> {
  rig.file.isText = false;
  replaceContent(rig);
  await turns();
}

/** Somebody exchanged the whole content. */
function replaceContent(rig: Rig): void {
  const afterHash = new Uint8Array(32);
  const version = rig.file.head.version + 1;
  rig.file.head = { version, contentHash: afterHash };
  rig.file.emit({
    tag: 'committed',
    op: { opSeq: 9, opId: 'whole', version, changes: [], afterHash },
  });
}
