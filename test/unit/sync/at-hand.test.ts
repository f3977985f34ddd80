import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indexesAway, type PlaceRange } from '../../../src/sync/at-hand.ts';
import { at } from './binding-rig.ts';

function lines(first: number, last = first): PlaceRange {
  return { start: { line: first, character: 0 }, end: { line: last, character: 0 } };
}

test('a change on any line of a cursor or a selection is at hand, whatever the order of the cursors', () => {
  const changes = [1, 2, 4, 4, 6, 9].flatMap((line, index) => at(line, index, 'x'));
  assert.deepEqual(indexesAway(changes, [lines(9), lines(3, 5), lines(2), lines(4)]), [0, 4]);
  assert.deepEqual(indexesAway(changes, []), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(indexesAway(changes, [lines(0, 20), lines(2)]), []);
});

test('many changes at many cursors cost about as much as both together', () => {
  const COUNT = 2_000;
  let reads = 0;
  const hands = Array.from({ length: COUNT }, (_, index): PlaceRange => {
    const { start, end } = lines(2 * index);
    return {
      get start() {
        reads += 1;
        return start;
      },
      end,
    };
  });
  const changes = Array.from({ length: COUNT }, (_, index) => at(2 * index + 1, 0, 'x')).flat();
  assert.equal(indexesAway(changes, hands).length, COUNT);
  assert.ok(reads <= COUNT, `${reads} reads`);
});
