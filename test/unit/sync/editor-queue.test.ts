import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, Rig, turns } from './binding-rig.ts';

test('S4: one call at a time; what comes meanwhile goes with the next', async () => {
  const rig = new Rig('one');
  rig.file.commit(at(0, 3, 'a'));
  rig.file.commit(at(0, 4, 'b'));
  rig.file.commit(at(0, 5, 'c'));
  assert.equal(rig.document.calls.length, 1);
  await rig.document.settle();
  assert.deepEqual(rig.document.calls[0]?.changes, at(0, 4, 'bc'));
  await rig.document.settleAll();
  assert.equal(rig.shown, 'oneabc');
});

test('S4: an edit that the editor did not take is moved over what the user typed, and tried again', async () => {
  const rig = new Rig('one two');
  rig.file.commit(at(0, 7, '!'));
  rig.document.type(at(0, 0, '>> '));
  assert.equal(await rig.document.settle(), false);
  assert.deepEqual(rig.document.calls[0]?.changes, at(0, 10, '!'));
  await rig.document.settleAll();
  assert.equal(rig.shown, '>> one two!');
  assert.deepEqual(rig.lastSent.ops[0]?.changes, at(0, 0, '>> '));
});

test('S4: the echo is known by its version: the same text typed by the user is the user’s', async () => {
  const rig = new Rig('one');
  rig.file.commit(at(0, 3, 'x'));
  // The user types the very same key at the same place, before the edit arrives.
  rig.document.type(at(0, 3, 'x'));
  await rig.document.settleAll();
  assert.equal(rig.shown, 'onexx');
  rig.file.acknowledge();
  assert.equal(rig.file.text.toString(), 'onexx');
});

test('S4: keys that follow the echo before the call settles are the user’s', async () => {
  const rig = new Rig('one');
  rig.file.commit(at(0, 3, 'x'));
  const call = rig.document.calls.shift()!;
  rig.document.type(call.changes);
  rig.document.type(at(0, 4, 'y'));
  call.resolve(true);
  await turns();
  assert.deepEqual(rig.lastSent.ops[0]?.changes, at(0, 4, 'y'));
  assert.equal(rig.lastSent.ops[0]?.expectedBaseVersion, 2);
});

test('S4: an editor that deletes a character more than it was asked to gets it back, and nobody else loses it', async () => {
  const rig = new Rig('onetwo');
  rig.file.commit(at(0, 0, '', 3));
  const call = rig.document.calls.shift()!;
  rig.document.type(at(0, 0, '', 4));
  call.resolve(true);
  await turns();
  assert.deepEqual(rig.document.calls[0]?.changes, at(0, 0, 't'));
  await rig.document.settleAll();
  assert.equal(rig.shown, 'two');
  assert.equal(rig.file.sent.length, 0);
  assert.equal(rig.binding.check(), 'consistent');
  assert.deepEqual(rig.logged, ['The editor changed more or less than it was asked to']);
});

test('S4: an edit that the editor says it made, and did not, is made again', async () => {
  const rig = new Rig('one');
  rig.file.commit(at(0, 3, '!'));
  rig.document.calls.shift()!.resolve(true);
  await turns();
  await rig.document.settleAll();
  assert.equal(rig.shown, 'one!');
  assert.equal(rig.binding.check(), 'consistent');
});

test('S4: an editor that cuts the same edit into other pieces did what it was asked', async () => {
  const rig = new Rig('one two three');
  rig.file.commit(at(0, 4, '2 or 3', 13));
  const call = rig.document.calls.shift()!;
  rig.document.type([...at(0, 4, '2', 7), ...at(0, 8, 'or 3', 13)]);
  call.resolve(true);
  await turns();
  assert.equal(rig.document.calls.length, 0);
  assert.equal(rig.shown, 'one 2 or 3');
  assert.deepEqual(rig.logged, []);
});

test('S4: keys that follow an edit which the editor made otherwise are at their place', async () => {
  const rig = new Rig('onetwo');
  rig.file.commit(at(0, 0, '', 3));
  const call = rig.document.calls.shift()!;
  rig.document.type(at(0, 0, '', 4));
  rig.document.type(at(0, 2, '!'));
  call.resolve(true);
  await turns();
  await rig.document.settleAll();
  assert.equal(rig.shown, 'two!');
  assert.deepEqual(rig.lastSent.ops[0]?.changes, at(0, 3, '!'));
});

test('S4: what an editor insists on becomes an edit, so that there is an end', async () => {
  const rig = new Rig('one');
  rig.file.commit(at(0, 3, ' two'));
  for (let times = 0; rig.document.calls.length > 0; times++) {
    assert.ok(times < 10, 'it goes on for ever');
    const call = rig.document.calls.shift()!;
    rig.document.type([]);
    call.resolve(true);
    await turns();
  }
  assert.deepEqual(rig.lastSent.ops[0]?.changes, at(0, 3, '', 7));
  rig.file.acknowledge();
  assert.equal(rig.file.text.toString(), rig.shown);
});

test('S4: what others write waits while somebody types without pause, and enters whole in the first gap', async () => {
  const rig = new Rig('one');
  rig.file.commit(at(0, 0, 'x'));
  for (let key = 0; key < 20; key++) {
    rig.nowMs += 100;
    rig.document.type(at(0, rig.shown.length, 'k'));
    assert.equal(await rig.document.settle(), false);
  }
  await rig.document.settle();
  assert.equal(rig.shown, `xone${'k'.repeat(20)}`);
});

test('S4: an editor that refuses without a reason is asked again later, not at once', async () => {
  const rig = new Rig('one');
  rig.file.commit(at(0, 0, 'x'));
  const timers = rig.timers.length;
  rig.document.calls.shift()!.resolve(false);
  await turns();
  assert.equal(rig.document.calls.length, 0);
  assert.equal(rig.timers.length, timers + 1);
  rig.timers.at(-1)!.fire();
  assert.equal(rig.document.calls.length, 1);
});

test('S4: nothing is asked of the editor for a change that is there already', () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 3, 'a'));
  rig.file.acknowledge();
  assert.equal(rig.document.calls.length, 0);
});

test('a load from disk is not typing: what the disk did not have is put back', async () => {
  const rig = new Rig('one\ntwo');
  rig.document.type(at(0, 3, '!'));
  rig.file.acknowledge();
  rig.document.type(at(0, 0, 'ONE', 4), 'disk');
  await rig.document.settleAll();
  assert.equal(rig.shown, 'one!\ntwo');
  assert.equal(rig.file.sent.length, 1, 'nothing was sent for it');
});

test('a load from disk that brings what waits for the editor is no reason to edit it', async () => {
  const rig = new Rig('one');
  rig.file.commit(at(0, 3, 'a'));
  const call = rig.document.calls.shift()!;
  rig.document.type(at(0, 3, 'a'), 'disk');
  call.resolve(false);
  await turns();
  assert.equal(rig.document.calls.length, 0);
  assert.ok(rig.binding.isSettled);
  assert.equal(rig.shown, 'onea');
});

test('a document that opens with other text than the world’s gives way to it, unsent', async () => {
  const rig = new Rig('one\ntwo', { shown: 'one\ntwo from disk' });
  await rig.document.settleAll();
  assert.equal(rig.shown, 'one\ntwo');
  assert.equal(rig.file.sent.length, 0);
});

test('what a document has beyond the world and is the user’s own is sent', () => {
  const rig = new Rig('one', {
    shown: 'one never saved',
    start: { unsaved: at(0, 3, ' never saved') },
  });
  assert.deepEqual(rig.lastSent.ops[0]?.changes, at(0, 3, ' never saved'));
  assert.equal(rig.lastSent.ops[0]?.intent, 'patch');
});

test('who waits until nothing is under way hears of it when the editor has taken the last', async () => {
  const rig = new Rig('one');
  const heard: boolean[] = [];
  rig.binding.onUpdate(() => heard.push(rig.binding.isSettled));
  rig.file.commit(at(0, 3, 'a'));
  await rig.document.settleAll();
  assert.equal(rig.shown, 'onea');
  assert.equal(heard.at(-1), true);
});

test('S4: while nothing may enter, what others write waits, and what is typed is sent', async () => {
  const rig = new Rig('one');
  rig.file.commit(at(0, 3, 'a'));
  let held = false;
  const holding = rig.binding.holdEntering().then((goOn) => {
    held = true;
    return goOn;
  });
  await turns();
  assert.equal(held, false, 'the editor has not answered yet');
  await rig.document.settle();
  const goOn = await holding;
  rig.file.commit(at(0, 4, 'b'));
  rig.document.type(at(0, 0, '>'));
  await turns();
  assert.equal(rig.document.calls.length, 0);
  assert.deepEqual(rig.lastSent.ops[0]?.changes, at(0, 0, '>'));
  goOn();
  await rig.document.settleAll();
  assert.equal(rig.shown, '>oneab');
});

test('a closed document still sends what it has, and takes in ops without an editor', async () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 3, 'a'));
  rig.document.type(at(0, 4, 'b'));
  rig.binding.documentClosed();
  rig.file.acknowledge();
  rig.file.commit(at(0, 0, '> '));
  assert.equal(rig.document.calls.length, 0);
  rig.file.acknowledge({
    ...rig.lastSent,
    ops: rig.lastSent.ops.map((op) => ({ ...op, changes: at(0, 6, 'b') })),
  });
  assert.ok(rig.binding.isSettled);
  assert.equal(rig.file.text.toString(), '> oneab');
});

test('a change that entered the editor is told with who made it', async () => {
  const rig = new Rig('one');
  rig.document.type(at(0, 3, 'a'));
  rig.document.type(at(0, 3, '', 4), 'undo');
  rig.file.commit(at(0, 0, '>'));
  await rig.document.settleAll();
  const told = rig.updates.flatMap((update) => (update.tag === 'text' ? [update.by] : []));
  assert.deepEqual(told, ['user', 'undo', 'world']);
});
