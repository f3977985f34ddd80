import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesOverlap, overlaps } from '../../../src/core/overlap.ts';
import { concurrent } from './arbitrary.ts';
import { drawn } from './marked-text.ts';

/** Two changes drawn into the same text, and whether they overlap by character and by line. */
const CASES: readonly [string, string, string, boolean, boolean][] = [
  ['the same word', 'a «b→x» c', 'a «b→y» c', true, true],
  ['the same change', 'a «b→x» c', 'a «b→x» c', false, false],
  ['neighbouring words', 'a «b→x» c', 'a b «c→y»', false, true],
  ['touching words', 'a«b→x»c', 'ab«c→y»', false, true],
  ['lines apart', '«a→x»\nb', 'a\n«b→y»', false, false],
  ['insertion strictly inside a deletion', 'a«bcd→»e', 'ab«→x»cde', true, true],
  ['insertion at the start of a deletion', 'a«bcd→»e', 'a«→x»bcde', false, true],
  ['insertion at the end of a deletion', 'a«bcd→»e', 'abcd«→x»e', false, true],
  ['insertions at the same place', 'a«→x»b', 'a«→y»b', false, true],
  ['equal insertions at the same place', 'a«→x»b', 'a«→x»b', false, false],
  ['whole lines inserted at the same column 0', 'a\n«→x\n»b', 'a\n«→y\n»b', false, false],
  ['a whole line inserted before an edited line', 'a\n«→x\n»b', 'a\n«b→c»', false, false],
  ['half a line inserted before an edited line', 'a\n«→x»b', 'a\nb«→c»', false, true],
  ['a deleted line and an edit of the next', '«a\n→»b', 'a\n«b→c»', false, false],
  ['a deleted line and an edit in it', '«a\n→»b', '«a→c»\nb', true, true],
  ['a whole line inserted inside a deleted block', '«a\nb\n→»c', 'a\n«→x\n»b\nc', true, true],
  ['a deletion of several lines reaching into one', '«a\nb→»c', 'a\nb«c→d»', false, true],
  ['an empty change', 'a«→»b', '«ab→»', false, false],
];

for (const [name, first, second, byCharacter, byLine] of CASES) {
  test(`overlap: ${name}`, () => {
    const a = drawn(first);
    const b = drawn(second);
    assert.equal(a.base, b.base, 'the pictures show the same text');
    assert.equal(overlaps(a.change, b.change, 'character'), byCharacter, 'by character');
    assert.equal(overlaps(a.change, b.change, 'line'), byLine, 'by line');
    assert.equal(overlaps(b.change, a.change, 'character'), byCharacter, 'by character, turned');
    assert.equal(overlaps(b.change, a.change, 'line'), byLine, 'by line, turned');
  });
}

test('what overlaps by character overlaps by line too', () => {
  fc.assert(
    fc.property(concurrent(2), ({ sets: [a, b] }) => {
      if (changesOverlap(a!, b!, 'character')) assert.ok(changesOverlap(a!, b!, 'line'));
    }),
  );
});
