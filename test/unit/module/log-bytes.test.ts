// What calls add to a server's commit log, by the rule that was measured there: arguments, rows and
// rows of events. The bounds are what it is today: whoever makes it less writes down the less.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortEditOf } from '../../../src/core/short-edit.ts';
import { packCaret } from '../../../src/core/packed-caret.ts';
import { insert, TestWorld } from './test-world.ts';

/** Of a batch of one key as clients of 0.1.0 send it, and as those of today do. */
const KEY_BYTES = 1206;
const SHORT_KEY_BYTES = 977;
/** In full: to another file, or with a selection. */
const MOVEMENT_BYTES = 241;
const CARET_BYTES = 149;

async function worldWithFile() {
  const world = await TestWorld.create();
  const text = `${'x'.repeat(80)}\n`.repeat(200);
  return { world, fileId: world.createFile(world.owner, 'src/some-folder/a-file.ts', text) };
}

test('a key adds no more to the log than it did, however many were before it', async () => {
  const { world, fileId } = await worldWithFile();
  for (let version = 1; version <= 40; version++) {
    const { code, loggedBytes } = world.edit(world.owner, fileId, version, insert(7, version, 'k'));
    assert.equal(code, 'ok');
    assert.ok(loggedBytes > 0 && loggedBytes <= KEY_BYTES, `${loggedBytes} bytes`);
  }
});

test('a key that is sent shortly adds 977 bytes, and tells its sender nothing beside the op', async () => {
  const { world, fileId } = await worldWithFile();
  for (let version = 1; version <= 40; version++) {
    const op = world.op(fileId, version, insert(7, version, 'k'));
    const edit = shortEditOf({ batchId: op.opId, extends: 0, ops: [{ ...op, intent: 'typing' }] })!;
    const { code, loggedBytes, inserted } = world.call(world.owner, 'type_text', edit);
    assert.equal(code, 'ok');
    assert.equal(inserted('op_outcome').length, 0);
    assert.ok(loggedBytes > 0 && loggedBytes <= SHORT_KEY_BYTES, `${loggedBytes} bytes`);
  }
});

test('a movement of a cursor adds no more to the log than it did', async () => {
  const { world, fileId } = await worldWithFile();
  world.lifecycle('connect', world.owner);
  const moveTo = (character: number) => {
    const at = { anchorLine: 7, anchorCharacter: character };
    const selections = [{ ...at, activeLine: 7, activeCharacter: character }];
    const args = { fileId, version: 1, selections, typing: false, activity: '' };
    return world.call(world.owner, 'update_presence', args);
  };
  moveTo(0);
  for (let character = 1; character <= 5; character++) {
    const { code, loggedBytes } = moveTo(character);
    assert.equal(code, 'ok');
    assert.ok(loggedBytes > 0 && loggedBytes <= MOVEMENT_BYTES, `${loggedBytes} bytes`);
  }
});

test('a caret that moves in its file adds at most 149 bytes to the log', async () => {
  const { world, fileId } = await worldWithFile();
  world.connect(world.owner, 1n);
  world.mustCall(world.owner, 'take_place', {});
  const place = { fileId, version: 1, selections: [], typing: false, activity: '' };
  world.mustCall(world.owner, 'update_presence', place);
  for (let character = 1; character <= 5; character++) {
    const caret = packCaret({ line: 7, character, version: 1, typing: true }, 1)!;
    const { code, loggedBytes } = world.call(world.owner, 'move_caret', { caret });
    assert.equal(code, 'ok');
    assert.ok(loggedBytes > 0 && loggedBytes <= CARET_BYTES, `${loggedBytes} bytes`);
  }
});
