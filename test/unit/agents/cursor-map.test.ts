import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CursorMap } from '../../../src/agents/cursor-map.ts';
import type { PresenceEvent } from '../../../src/world/world-rows.ts';

function at(line: number, version: number, connectionId = 'c'): PresenceEvent {
  const selection = { anchorLine: line, anchorCharacter: 2, activeLine: line, activeCharacter: 2 };
  return { connectionId, identity: 'i', fileId: 1, version, selections: [selection], typing: true };
}

/** A line more at the top. */
const growth = [{ startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0, text: '\n' }];

function lines(map: CursorMap): number[] {
  return map.occupied.map((range) => range.firstLine);
}

test('a cursor moves with the text', () => {
  const map = new CursorMap(5);
  map.move(at(3, 5));
  map.apply(growth);
  assert.deepEqual(lines(map), [4]);
});

test('a movement told on an older version is moved to the newest', () => {
  const map = new CursorMap(5);
  map.apply(growth);
  map.apply(growth);
  map.move(at(3, 6));
  assert.deepEqual(lines(map), [4]);
});

test('a movement told before its version came waits for it', () => {
  const map = new CursorMap(5);
  map.move(at(3, 6));
  assert.deepEqual(lines(map), []);
  map.apply(growth);
  assert.deepEqual(lines(map), [3]);
});

test('a movement from before all that is known is nowhere', () => {
  const map = new CursorMap(5);
  map.move(at(3, 4));
  assert.deepEqual(lines(map), []);
});

test('the last movement of a connection counts, and none after it left', () => {
  const map = new CursorMap(1);
  map.move(at(3, 1));
  map.move(at(7, 1));
  map.move(at(9, 1, 'other'));
  assert.deepEqual(lines(map), [7, 9]);
  map.remove('c');
  assert.deepEqual(lines(map), [9]);
});
