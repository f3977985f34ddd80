import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapLineRange } from '../../../src/core/map-position.ts';
import { splitChanges } from '../../../src/core/split-changes.ts';
import { Text } from '../../../src/core/text.ts';
import { findFault } from '../../../src/core/validate-changes.ts';
import { concurrent } from './arbitrary.ts';
import { drawn } from './marked-text.ts';

/** A claimed range of lines in a drawn text, and where it lies after the change. */
const CLAIMS: readonly [string, string, [number, number], [number, number]][] = [
  ['a line inserted above', '«→x\n»a\nb\nc', [1, 2], [2, 3]],
  ['a line inserted right before', 'a\n«→x\n»b\nc', [1, 2], [2, 3]],
  ['a line inserted inside', 'a\nb\n«→x\n»c', [1, 2], [1, 3]],
  ['a line inserted right behind', 'a\nb\n«→x\n»c', [0, 1], [0, 1]],
  ['typing in it', 'a\nb«→x»\nc', [1, 1], [1, 1]],
  ['a line of it split', 'a\nb«→\n»b\nc', [1, 1], [1, 2]],
  ['one of its lines deleted', 'a\n«b\n→»c', [1, 2], [1, 1]],
  ['all of its lines deleted', 'a\n«b\n→»c', [1, 1], [1, 1]],
  ['lines deleted above', '«a\n→»b\nc', [2, 2], [1, 1]],
];

for (const [name, picture, [first, last], [firstAfter, lastAfter]] of CLAIMS) {
  test(`a claim follows its text: ${name}`, () => {
    const { change } = drawn(picture);
    assert.deepEqual(mapLineRange({ firstLine: first, lastLine: last }, [change]), {
      firstLine: firstAfter,
      lastLine: lastAfter,
    });
  });
}

test('changes cut in two do the same in a row', () => {
  fc.assert(
    fc.property(concurrent(1), fc.array(fc.nat(4)), ({ base, sets: [changes] }, indexes) => {
      const { rest, chosen } = splitChanges(changes!, indexes);
      const text = Text.of(base);
      assert.equal(text.apply(rest).apply(chosen).toString(), text.apply(changes!).toString());
    }),
  );
});

test('faults of changes are found before anything is applied', () => {
  const text = Text.of('ab\n𝒳c');
  const at = (
    startLine: number,
    startCharacter: number,
    endLine: number,
    endCharacter: number,
  ) => ({
    startLine,
    startCharacter,
    endLine,
    endCharacter,
    text: 'x',
  });
  const bad = [
    [at(2, 0, 2, 0)],
    [at(0, 3, 0, 3)],
    [at(0, 1, 0, 0)],
    [at(1, 1, 1, 2)],
    [at(0, -1, 0, 0)],
    [at(0, 0.5, 0, 1)],
    [at(0, Number.NaN, 0, 1)],
    [at(0, 1, 0, 2), at(0, 0, 0, 1)],
    [at(0, 0, 0, 2), at(0, 1, 0, 2)],
  ];
  for (const changes of bad) {
    assert.equal(findFault(changes, text), 'bad_range', JSON.stringify(changes));
  }
  for (const inserted of ['\r', 'a\r\nb', '\0', '\ud800', '\udc00a', '\uFEFFa', 'a\uFEFF']) {
    const changes = [{ ...at(0, 0, 0, 0), text: inserted }];
    assert.equal(findFault(changes, text), 'bad_text', JSON.stringify(inserted));
  }
  assert.equal(findFault([at(0, 2, 1, 0), at(1, 2, 1, 3)], text), undefined);
});
