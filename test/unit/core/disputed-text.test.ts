import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { areOrdered, type Changes } from '../../../src/core/change.ts';
import { reassertAll, theirEndsIn } from '../../../src/core/disputed-text.ts';
import { reassert } from '../../../src/core/reassert.ts';
import { Text } from '../../../src/core/text.ts';
import { concurrent } from './arbitrary.ts';

const BASE = 'the quick fox';

/** What a text becomes by ops one after the other, and then by what is insisted on. */
function insist(ops: readonly Changes[], refused: Changes): string {
  const moved = reassertAll({ changes: refused, theirEnds: [] }, ops);
  return textAfter(ops).apply(moved).toString();
}

function textAfter(ops: readonly Changes[]): Text {
  return ops.reduce((text, changes) => text.apply(changes), Text.of(BASE));
}

const on = (from: number, to: number, text: string): Changes => [
  { startLine: 0, startCharacter: from, endLine: 0, endCharacter: to, text },
];

/** Somebody selects a word and types another over it, key by key. */
const typed = (word: string): readonly Changes[] =>
  [...word].map((key, index) => (index === 0 ? on(4, 9, key) : on(4 + index, 4 + index, key)));

test('the whole word that others typed over it gives way, however many keys it was', () => {
  assert.equal(insist(typed('slow'), on(4, 9, 'wary')), 'the wary fox');
  const deletedFirst = [on(4, 9, ''), on(4, 4, 's'), on(5, 5, 'l')];
  assert.equal(insist(deletedFirst, on(4, 9, 'wary')), 'the wary fox');
  const corrected = [...typed('slwo'), on(7, 8, ''), on(6, 7, ''), on(6, 6, 'o'), on(7, 7, 'w')];
  assert.equal(insist(corrected, on(4, 9, 'wary')), 'the wary fox');
});

test('what follows behind white space stays, and so does what is written elsewhere', () => {
  const more = [...typed('slow'), on(8, 8, ' '), on(9, 9, 'o'), on(10, 10, 'l')];
  assert.equal(insist(more, on(4, 9, 'wary')), 'the wary ol fox');
  assert.equal(insist([on(9, 9, 'ly')], on(4, 9, 'wary')), 'the waryly fox');
  assert.equal(insist([on(4, 6, 'sl'), on(9, 9, 'er')], on(4, 9, 'wary')), 'the waryer fox');
});

test('an open ticket tells by its texts whether others may be about to write on', () => {
  assert.deepEqual(theirEndsIn(on(4, 5, 'wary'), 'quick', 's'), [{ line: 0, character: 5 }]);
  assert.deepEqual(theirEndsIn(on(4, 9, 'wary'), 'quick', 'quick'), []);
  assert.deepEqual(theirEndsIn(on(4, 8, 'wary'), 'quick', 'slck'), []);
  assert.deepEqual(theirEndsIn(on(4, 4, 'wary'), '', ''), []);
  assert.deepEqual(theirEndsIn([], 'quick', 's'), []);
});

test('over a single op it is nothing else, and it always lies inside the text', () => {
  fc.assert(
    fc.property(concurrent(2), ({ base, sets }) => {
      const [refused, won] = [sets[0]!, sets[1]!];
      assert.deepEqual(
        reassertAll({ changes: refused, theirEnds: [] }, [won]),
        reassert(refused, won),
      );
      const steps = [won, ...endsOf(won)];
      const head = steps.reduce((text, changes) => text.apply(changes), Text.of(base));
      const moved = reassertAll({ changes: refused, theirEnds: [] }, steps);
      assert.ok(areOrdered(moved));
      for (const change of moved) {
        assert.ok(head.contains({ line: change.endLine, character: change.endCharacter }));
      }
    }),
  );
});

/** Writes on behind the last of the changes. */
function endsOf(won: Changes): readonly Changes[] {
  const last = won.at(-1);
  if (!last) return [];
  const lines = last.text.split('\n');
  const isOneLine = lines.length === 1 && won.length === 1;
  if (!isOneLine) return [];
  const end = { line: last.startLine, character: last.startCharacter + last.text.length };
  return [
    [
      {
        startLine: end.line,
        startCharacter: end.character,
        endLine: end.line,
        endCharacter: end.character,
        text: 'on',
      },
    ],
  ];
}
