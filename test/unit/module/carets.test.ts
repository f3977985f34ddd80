// Short movements: what the world tells whom of a caret, and how often.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packCaret } from '../../../src/core/packed-caret.ts';
import { insert, TestWorld } from './test-world.ts';

const caretAt = (line: number, version = 1) =>
  packCaret({ line, character: 3, version, typing: true }, version)!;

/** A world with a file, and its owner in it over connection 1, which told that it moves shortly. */
async function inFile({ isOnServer = false } = {}) {
  const world = await TestWorld.create({}, { isOnServer });
  const fileId = world.createFile(world.owner, 'a.txt', 'one\ntwo\n');
  world.connect(world.owner, 1n);
  world.mustCall(world.owner, 'take_place', {});
  const place = { fileId, version: 1, selections: [], typing: false, activity: '' };
  world.mustCall(world.owner, 'update_presence', place);
  return { world, fileId, place };
}

test('a caret is told shortly where everybody understands that', async () => {
  const { world } = await inFile();
  const moved = world.call(world.owner, 'move_caret', { caret: caretAt(1) });
  assert.equal(moved.code, 'ok');
  assert.deepEqual(moved.inserted('caret_moved'), [{ place: 0, caret: caretAt(1) }]);
  assert.equal(moved.inserted('presence_event').length, 0);
});

test('while a client of 0.1.0 is connected it is told in full, too', async () => {
  const { world, fileId } = await inFile();
  const ann = world.join('ann');
  world.connect(ann, 2n);
  world.edit(world.owner, fileId, 1, insert(0, 0, 'x'));
  const moved = world.call(world.owner, 'move_caret', { caret: caretAt(1, 2) });
  assert.equal(moved.inserted('caret_moved').length, 1);
  const [event] = moved.inserted('presence_event');
  assert.deepEqual(
    [event!.fileId, event!.version, event!.typing, event!.selections],
    [fileId, 2, true, [{ anchorLine: 1, anchorCharacter: 3, activeLine: 1, activeCharacter: 3 }]],
  );
  world.callOver(2n, ann, 'take_place', {});
  const later = world.call(world.owner, 'move_caret', { caret: caretAt(0, 2) });
  assert.equal(later.inserted('presence_event').length, 0);
});

test('places are small numbers, each one’s own, and free again when a connection ends', async () => {
  const { world } = await inFile();
  const ann = world.join('ann');
  for (const connection of [2n, 3n]) {
    world.connect(ann, connection);
    world.callOver(connection, ann, 'take_place', {});
    world.callOver(connection, ann, 'take_place', {});
  }
  const places = () =>
    world
      .rows('presence_place')
      .map(({ place }) => place)
      .sort((left, right) => left - right);
  assert.deepEqual(places(), [0, 1, 2]);
  world.lifecycle('disconnect', world.owner);
  assert.deepEqual(places(), [1, 2]);
});

test('who is shown nowhere or in no file moves no caret', async () => {
  const { world, place } = await inFile();
  const caret = caretAt(0);
  world.mustCall(world.owner, 'update_presence', { ...place, fileId: 0 });
  assert.equal(world.call(world.owner, 'move_caret', { caret }).code, 'no_such_file');
  const ann = world.join('ann');
  assert.equal(world.callOver(2n, ann, 'move_caret', { caret }).code, 'bad_request');
  assert.equal(world.callOver(2n, ann, 'take_place', {}).code, 'ok');
  assert.equal(world.callOver(2n, ann, 'move_caret', { caret }).code, 'bad_request');
});

test('on a server a member’s carets move five times a second, with bursts of twice as much', async () => {
  const { world } = await inFile({ isOnServer: true });
  const codesOf = (count: number) =>
    Array.from({ length: count }, (_, line) => {
      const nowMicros = world.nowMicros;
      const { code } = world.call(world.owner, 'move_caret', { caret: caretAt(line) });
      world.nowMicros = nowMicros;
      return code;
    });
  assert.deepEqual(codesOf(12), [...Array(10).fill('ok'), 'too_many', 'too_many']);
  world.nowMicros += 1_000_000n;
  assert.deepEqual(codesOf(6), [...Array(5).fill('ok'), 'too_many']);
});
