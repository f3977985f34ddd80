import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Text } from '../../../src/core/text.ts';
import { at, Rig, turns } from './binding-rig.ts';

test('S9: a document at rest that agrees is left alone', () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 3, 'a'));
  assert.equal(rig.binding.check(), 'busy');
  rig.file.acknowledge();
  assert.equal(rig.binding.check(), 'consistent');
  assert.deepEqual(rig.logged, []);
});

test('S9: the check comes by itself when a document has rested, not while it is typed into', () => {
  const rig = new Rig('one');
  rig.document.content = Text.of('one, changed without a word');
  const timer = rig.timers.shift()!;
  rig.nowMs += 1000;
  rig.document.version--;
  rig.document.type([]);
  rig.nowMs += 1500;
  timer.fire();
  assert.equal(rig.file.sent.length, 0, 'it rested for less than two seconds');
  const next = rig.timers.shift()!;
  rig.nowMs += 2000;
  next.fire();
  assert.equal(rig.file.sent.length, 1);
});

test('S9: a change that no event told becomes an op by minimal changes', () => {
  const rig = new Rig('one two three');
  rig.document.content = Text.of('one 2 three');
  assert.equal(rig.binding.check(), 'editor_differs');
  const [op] = rig.lastSent.ops;
  assert.deepEqual([op?.changes, op?.intent], [at(0, 4, '2', 7), 'patch']);
  rig.file.acknowledge();
  assert.equal(rig.binding.check(), 'consistent');
});

test('S9: ops that did not arrive are asked for', () => {
  const rig = new Rig('one');
  rig.file.head = { version: 5, contentHash: new Uint8Array(32) };
  assert.equal(rig.binding.check(), 'behind');
  assert.deepEqual(rig.file.replays, [1]);
});

test('S9: where the world has other text at the same version, the document gets it and its own becomes a draft', async () => {
  const rig = new Rig('one', { invariants: 'recover' });
  rig.file.text = Text.of('one, as the world has it');
  rig.file.head = { version: 1, contentHash: new Uint8Array(32) };
  assert.equal(rig.binding.check(), 'confirmed_differs');
  await turns();
  await rig.document.settleAll();
  await rig.binding.flushed();
  assert.equal(rig.shown, 'one, as the world has it');
  assert.deepEqual(
    [...rig.drafts.values()].map((draft) => draft.code),
    ['recovered'],
  );
});

test('S9: after a bug nothing of the user’s text is lost, and work goes on', async () => {
  const rig = new Rig('one', { invariants: 'recover' });
  rig.document.type(at(0, 3, ' typed'));
  // An op that cannot be: it changes a line that there is not.
  rig.file.emit({
    tag: 'committed',
    op: { opSeq: 9, opId: 'x', version: 2, changes: at(40, 0, 'x'), afterHash: new Uint8Array() },
  });
  await turns();
  await rig.document.settleAll();
  await rig.binding.flushed();
  const [draft] = rig.drafts.values();
  assert.ok(draft?.changes.some((change) => change.text.includes(' typed')));
  assert.ok(rig.logged.length > 0);
  rig.document.type(at(0, 0, '> '));
  assert.deepEqual(rig.lastSent.ops[0]?.changes, at(0, 0, '> '));
});

test('S9: starting over waits for a connection', async () => {
  const rig = new Rig('one', { invariants: 'recover', isConnected: false });
  rig.document.type(at(0, 3, ' typed'));
  rig.file.emit({
    tag: 'committed',
    op: { opSeq: 9, opId: 'x', version: 2, changes: at(40, 0, 'x'), afterHash: new Uint8Array() },
  });
  await turns();
  assert.equal(rig.drafts.size, 0);
  rig.file.connect();
  await turns();
  await rig.document.settleAll();
  await rig.binding.flushed();
  assert.equal(rig.drafts.size, 1);
  assert.equal(rig.shown, 'one');
});

test('S9: a whole new content is read and enters the editor by what differs, without a draft', async () => {
  const rig = new Rig('one\ntwo', { invariants: 'recover' });
  rig.document.type(at(0, 3, '!'));
  rig.file.acknowledge();
  rig.file.text = Text.of('one!\n2');
  rig.file.head = { version: 3, contentHash: new Uint8Array(32) };
  rig.file.emit({
    tag: 'committed',
    op: { opSeq: 9, opId: 'x', version: 3, changes: [], afterHash: new Uint8Array(32) },
  });
  await turns();
  assert.deepEqual(rig.document.calls[0]?.changes, at(1, 0, '2', 3));
  await rig.document.settleAll();
  await rig.binding.flushed();
  assert.equal(rig.shown, 'one!\n2');
  assert.equal(rig.drafts.size, 0);
  rig.document.type(at(1, 1, '?'));
  assert.equal(rig.lastSent.ops[0]?.expectedBaseVersion, 3);
});

test('S9: a change that was heard of and not told yet is no difference: it would be sent twice', () => {
  const rig = new Rig('one');
  rig.document.content = Text.of('one!');
  rig.document.holdsEventsBack = true;
  assert.equal(rig.binding.check(), 'busy');
  assert.equal(rig.file.sent.length, 0);
  rig.document.content = Text.of('one');
  rig.document.holdsEventsBack = false;
  rig.document.type(at(0, 3, '!'));
  assert.deepEqual(rig.lastSent.ops[0]?.changes, at(0, 3, '!'));
  rig.file.acknowledge();
  assert.equal(rig.binding.check(), 'consistent');
});

test('S9: starting over waits for a change that was heard of and not told yet', async () => {
  const rig = new Rig('one', { invariants: 'recover' });
  rig.document.holdsEventsBack = true;
  rig.file.text = Text.of('one, as the world has it');
  rig.file.head = { version: 2, contentHash: new Uint8Array(32) };
  const op = { opSeq: 9, opId: 'x', version: 2, changes: [], afterHash: new Uint8Array(32) };
  rig.file.emit({ tag: 'committed', op });
  await turns();
  assert.equal(rig.document.calls.length, 0);
  rig.document.holdsEventsBack = false;
  rig.document.type(at(0, 0, 'typed '));
  await turns();
  await rig.document.settleAll();
  await rig.binding.flushed();
  assert.equal(rig.shown, 'one, as the world has it');
  assert.deepEqual(
    [...rig.drafts.values()].map(({ changes }) => changes.map(({ text }) => text).join()),
    ['typed '],
    'what was typed is kept, once',
  );
});

test('a document at rest and its file have one text in memory, whoever changed it last', async () => {
  const rig = new Rig('one\ntwo');
  rig.document.type(at(0, 3, '!'));
  rig.file.acknowledge();
  assert.equal(rig.binding.state.shadow, rig.binding.state.confirmed.text);
  rig.file.commit(at(1, 3, '?'));
  await rig.document.settleAll();
  assert.equal(rig.binding.state.shadow, rig.binding.state.confirmed.text);
  assert.equal(rig.shown, 'one!\ntwo?');
});

test('S9: a file that became binary and is text again is read again, without a draft of what the disk showed', async () => {
  const rig = new Rig('one', { invariants: 'recover' });
  const readHead = rig.file.readHead.bind(rig.file);
  rig.file.readHead = () => Promise.reject(new Error('not a text'));
  const whole = (version: number): void => {
    const contentHash = new Uint8Array(32).fill(version);
    rig.file.head = { version, contentHash };
    const op = { opSeq: version, opId: `other-${version}`, version, changes: [] };
    rig.file.emit({ tag: 'committed', op: { ...op, afterHash: contentHash } });
  };
  whole(2);
  await turns();
  rig.document.type(at(0, 0, '\0\u0001', 3), 'disk');
  rig.file.readHead = readHead;
  rig.file.text = Text.of('one\ntwo');
  whole(3);
  await turns();
  await rig.document.settleAll();
  await rig.binding.flushed();
  assert.equal(rig.shown, 'one\ntwo');
  assert.equal(rig.drafts.size, 0);
  rig.document.type(at(1, 3, '!'));
  assert.equal(rig.lastSent.ops[0]?.expectedBaseVersion, 3);
});
