import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeChange } from '../../../src/core/change.ts';
import { at, Rig, turns } from './binding-rig.ts';

test('S1: typing needs no answer from the world, connected or not', () => {
  const rig = new Rig('one\ntwo');
  rig.document.type(at(0, 3, '!'));
  rig.file.disconnect();
  rig.document.type(at(0, 4, '?'));
  assert.equal(rig.shown, 'one!?\ntwo');
  assert.equal(rig.document.calls.length, 0);
});

test('S2: the first key is sent at once, what is typed meanwhile the moment the answer comes', () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 3, 'a'));
  assert.deepEqual(
    rig.lastSent.ops.map((op) => op.changes),
    [at(0, 3, 'a')],
  );
  for (const [index, key] of [...'bcd'].entries()) rig.document.type(at(0, 4 + index, key));
  assert.equal(rig.file.sent.length, 1, 'one batch in flight');
  rig.file.acknowledge();
  assert.equal(rig.file.sent.length, 2);
  const [op] = rig.lastSent.ops;
  assert.deepEqual(op?.changes, at(0, 4, 'bcd'));
  assert.equal(op?.expectedBaseVersion, 2);
  assert.equal(op?.carriedFrom, 0);
});

test('S2: no timer stands between a key and its batch', () => {
  const rig = new Rig('one');
  const before = rig.timers.length;
  rig.document.type(at(0, 3, 'a'));
  rig.document.type(at(0, 4, 'b'));
  rig.file.acknowledge();
  assert.equal(rig.timers.length, before, 'the idle check has one timer, and it was there');
  assert.equal(rig.file.sent.length, 2);
});

test('S2: a key that is taken back before it was sent leaves nothing to send', () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 3, 'a'));
  rig.document.type(at(0, 4, 'b'));
  rig.document.type(at(0, 4, '', 5));
  rig.file.acknowledge();
  assert.equal(rig.file.sent.length, 1);
  assert.ok(rig.binding.isSettled);
});

test('S3: an op is one’s own by its id, even where somebody typed the same', async () => {
  const rig = new Rig('x');
  rig.document.type(at(0, 1, 'a'));
  rig.file.commit(at(0, 1, 'a'));
  rig.file.acknowledge({
    ...rig.lastSent,
    ops: rig.lastSent.ops.map((op) => ({ ...op, changes: at(0, 2, 'a') })),
  });
  await rig.document.settleAll();
  assert.equal(rig.shown, 'xaa');
  assert.equal(rig.file.text.toString(), 'xaa');
});

test('S3: what the world made of an own op wins over what was foreseen', async () => {
  const rig = new Rig('one two');
  rig.document.type(at(0, 3, '!'));
  const [op] = rig.lastSent.ops;
  rig.file.commit(at(0, 7, '!'), op!.opId);
  await rig.document.settleAll();
  assert.equal(rig.shown, 'one two!');
  assert.ok(rig.binding.isSettled);
});

test('S2: answers that come twice, or to a batch of long ago, change nothing', async () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 3, 'a'));
  const first = rig.lastSent;
  rig.file.acknowledge();
  rig.document.type(at(0, 4, 'b'));
  rig.file.answer({ tag: 'applied', version: 2 }, first);
  rig.file.answer({ tag: 'ticketed', ticketId: 9 }, first);
  rig.file.emit({
    tag: 'committed',
    op: {
      opSeq: 101,
      opId: 'other',
      version: 2,
      changes: at(0, 0, 'zz'),
      afterHash: new Uint8Array(),
    },
  });
  rig.file.acknowledge();
  await turns();
  assert.equal(rig.shown, 'oneab');
  assert.equal(rig.file.text.toString(), 'oneab');
});

test('S5: ops that are missing are asked for before anything later is taken in', async () => {
  const rig = new Rig('one');
  const op = { opId: 'b', changes: at(0, 4, 'b'), afterHash: new Uint8Array() };
  rig.file.emit({ tag: 'committed', op: { ...op, opSeq: 102, version: 3 } });
  assert.deepEqual(rig.file.replays, [1]);
  rig.file.commit(at(0, 3, 'a'));
  rig.file.emit({ tag: 'committed', op: { ...op, opSeq: 102, version: 3 } });
  await rig.document.settleAll();
  assert.equal(rig.shown, 'oneab');
});

test('S5: text of several cursors is one op, in the order of the text', () => {
  const rig = new Rig('one\ntwo');
  rig.document.type([...at(0, 3, 'x'), ...at(1, 3, 'y')]);
  const [op] = rig.lastSent.ops;
  assert.deepEqual(op?.changes.map(describeChange), ['0:3-0:3 → "x"', '1:3-1:3 → "y"']);
});

test('contested typing is split off, says what it overlaps and from where it was carried, and travels alone', () => {
  const rig = new Rig('alpha\nbeta\ngamma');
  rig.document.type(at(2, 5, '!'));
  // Typed while the batch is under way, and then somebody deletes the middle of the first line.
  rig.document.type(at(0, 2, 'XX'));
  rig.document.type(at(1, 4, 'YY'));
  const opSeq = rig.file.commit(at(0, 1, '', 4));
  rig.file.acknowledge();
  const [rest] = rig.lastSent.ops;
  assert.deepEqual([rest?.changes, rest?.overlaps, rest?.carriedFrom], [at(1, 4, 'YY'), [], 1]);
  assert.equal(rig.lastSent.ops.length, 1);
  rig.file.acknowledge();
  const [disputed] = rig.lastSent.ops;
  assert.deepEqual(disputed?.overlaps, [opSeq]);
  assert.deepEqual(disputed.changes, at(0, 1, 'XX'));
  assert.equal(disputed.carriedFrom, 1);
});

test('typing on text that has not reached the editor is judged against it', async () => {
  const rig = new Rig('alpha beta');
  const opSeq = rig.file.commit(at(0, 0, '', 6));
  // The editor still shows all of it; the author types inside what is gone.
  rig.document.type(at(0, 3, 'X'));
  assert.equal(await rig.document.settle(), false);
  const [op] = rig.lastSent.ops;
  assert.deepEqual([op?.overlaps, op?.carriedFrom], [[opSeq], 1]);
  assert.equal(op?.expectedBaseVersion, 2);
  await rig.document.settleAll();
  assert.equal(rig.shown, 'Xbeta');
});

test('S8: typing that was carried for long is judged by line and says that it is a patch', () => {
  const rig = new Rig('alpha beta\ngamma');
  rig.file.disconnect();
  rig.document.type(at(0, 0, 'X'));
  rig.document.type(at(1, 0, 'Y'));
  rig.nowMs += 3_600_000;
  const opSeq = rig.file.commit(at(0, 10, '!'));
  rig.file.connect();
  const [rest] = rig.lastSent.ops;
  assert.deepEqual([rest?.changes, rest?.intent, rest?.overlaps], [at(1, 0, 'Y'), 'patch', []]);
  rig.file.acknowledge();
  assert.deepEqual(rig.lastSent.ops[0]?.overlaps, [opSeq]);
});
