import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Text } from '../../../src/core/text.ts';
import { readJournal, sentBaseVersion } from '../../../src/sync/draft-journal.ts';
import { at, Rig } from './binding-rig.ts';

test('S8: a batch without an answer is sent again as it was, once connected', () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 3, 'a'));
  const before = rig.lastSent;
  rig.file.disconnect();
  rig.document.type(at(0, 4, 'b'));
  rig.file.commit(at(0, 0, '> '));
  rig.file.connect();
  assert.equal(rig.file.sent.length, 2);
  assert.deepEqual(rig.lastSent, before, 'the same ids, base and changes');
});

test('S8: a batch that was applied before the line broke comes back in the catch-up, and is not sent again', async () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 3, 'a'));
  rig.file.disconnect();
  rig.document.type(at(0, 4, 'b'));
  rig.file.commit(at(0, 3, 'a'), rig.lastSent.ops[0]!.opId);
  rig.file.connect();
  assert.deepEqual(rig.lastSent.ops[0]?.changes, at(0, 4, 'b'));
  rig.file.acknowledge();
  await rig.document.settleAll();
  assert.equal(rig.shown, 'oneab');
  assert.equal(rig.file.text.toString(), 'oneab');
});

test('S8: a ticket whose answer was lost is learnt when the batch is sent again', async () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 3, 'a'));
  rig.file.disconnect();
  rig.file.connect();
  rig.file.answer({ tag: 'ticketed', ticketId: 7 });
  await rig.document.settleAll();
  assert.equal(rig.shown, 'one');
});

test('S8: nothing is sent while there is no connection', () => {
  const rig = new Rig('one', { isConnected: false });
  rig.document.type(at(0, 3, 'a'));
  assert.equal(rig.file.sent.length, 0);
  rig.file.connect();
  assert.equal(rig.file.sent.length, 1);
});

test('S8: a window that starts again goes on with the unsent edits of the one before', async () => {
  const first = new Rig('one two');
  first.document.type(at(0, 7, '!'));
  first.file.disconnect();
  for (const [index, key] of [...'abc'].entries()) first.document.type(at(0, index, key));
  await first.binding.flushed();
  first.binding.dispose();

  const unsent = readJournal(first.journal);
  assert.ok(unsent);
  assert.equal(sentBaseVersion(unsent), 1);
  const text = Text.of('one two');
  const second = new Rig('one two', {
    shown: 'what was last saved',
    start: { base: { version: 1, text }, unsent, sentBase: text },
    ids: 'second',
  });
  assert.deepEqual(second.lastSent, first.lastSent, 'the batch in flight, with its ids');
  await second.document.settleAll();
  assert.equal(second.shown, 'abcone two!');
  second.file.acknowledge();
  second.file.acknowledge();
  assert.equal(second.file.text.toString(), 'abcone two!');
});

test('S8: edits that were answered are no longer in the journal', async () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 3, 'a'));
  rig.file.acknowledge();
  await rig.binding.flushed();
  assert.equal(readJournal(rig.journal), undefined);
});

test('S8: typing that goes on is added to the journal without writing all of it again', async () => {
  const rig = new Rig('one', { isConnected: false });
  rig.document.type(at(0, 3, 'x'.repeat(2000)));
  rig.document.type(at(0, 2003, 'y'.repeat(2000)));
  await rig.binding.flushed();
  const before = rig.journal.length;
  for (const key of 'abc') {
    rig.document.type(at(0, rig.shown.length, key));
    await rig.binding.flushed();
  }
  const added = rig.journal.slice(before);
  assert.ok(added.every((record) => record.tag === 'edit'));
  assert.ok(JSON.stringify(added).length < 9000);
  assert.equal(readJournal(rig.journal)?.pending.length, 2);
});

test('S8: a journal is read record by record, ops of others between its records included', async () => {
  const first = new Rig('one', { isConnected: false });
  first.document.type(at(0, 3, 'a'));
  first.file.commit(at(0, 0, '> '));
  await first.document.settleAll();
  first.document.type(at(0, 6, 'b'));
  await first.binding.flushed();
  const unsent = readJournal(first.journal);
  const base = { version: 2, text: Text.of('> one') };
  const second = new Rig('> one', { start: { base, unsent }, ids: 'second' });
  await second.document.settleAll();
  assert.equal(second.shown, '> oneab');
});

test('S8: an op that was sent, but not noted as sent, is known when it comes back', async () => {
  const first = new Rig('one', { isConnected: false });
  first.document.type(at(0, 3, 'ab'));
  await first.binding.flushed();
  const unsent = readJournal(first.journal)!;
  const base = { version: 1, text: Text.of('one') };
  const second = new Rig('one', { start: { base, unsent }, ids: 'second', isConnected: false });
  // The user types on before the world has told what it knows.
  second.document.type(at(0, 3, 'X'));
  second.file.commit(at(0, 3, 'abc'), unsent.pending[0]!.opId);
  second.file.connect();
  await second.document.settleAll();
  for (const _batch of second.file.sent) second.file.acknowledge();
  await second.document.settleAll();
  assert.equal(second.shown.length, 'oneabcX'.length);
  assert.equal(second.file.text.toString(), second.shown);
});

test('S8: an op id that the world knows with other text has its text in a ticket', async () => {
  const first = new Rig('one', { isConnected: false });
  first.document.type(at(0, 3, 'ab'));
  await first.binding.flushed();
  const unsent = readJournal(first.journal)!;
  const base = { version: 1, text: Text.of('one') };
  const second = new Rig('one', { start: { base, unsent }, ids: 'second' });
  second.file.tickets.set(unsent.pending[0]!.opId, 7);
  second.file.answer({ tag: 'refused', code: 'op_id_reused', message: '' });
  await second.document.settleAll();
  await second.binding.flushed();
  assert.equal(second.shown, 'one');
  assert.equal(second.drafts.size, 0, 'what the ticket has needs no draft');
});

test('S8: a draft is on disk before the journal lets go of its text', async () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 3, 'a'));
  await rig.binding.flushed();
  rig.file.answer({ tag: 'refused', code: 'locked', message: '' });
  await rig.binding.flushed();
  assert.equal(rig.drafts.size, 1);
  assert.equal(readJournal(rig.journal), undefined);
});

test('S8: two windows of one person do not take each other’s ops for their own', async () => {
  const rig = new Rig('one', { ids: 'window-a' });
  rig.document.type(at(0, 3, 'a'));
  rig.file.commit(at(0, 0, 'b'), 'window-b-1');
  rig.file.acknowledge({
    ...rig.lastSent,
    ops: rig.lastSent.ops.map((op) => ({ ...op, changes: at(0, 4, 'a') })),
  });
  await rig.document.settleAll();
  assert.equal(rig.shown, 'bonea');
});
