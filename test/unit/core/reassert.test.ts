import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { areOrdered, type Changes } from '../../../src/core/change.ts';
import { opsTouchingLines } from '../../../src/core/later-overlap.ts';
import { changesOverlap } from '../../../src/core/overlap.ts';
import { growOver, reassert } from '../../../src/core/reassert.ts';
import { rebase } from '../../../src/core/rebase.ts';
import { Text } from '../../../src/core/text.ts';
import { concurrent } from './arbitrary.ts';

/** What a text becomes by what won and then by what is insisted on. */
function insist(base: string, won: Changes, refused: Changes): string {
  return Text.of(base).apply(won).apply(reassert(refused, won)).toString();
}

const on = (from: number, to: number, text: string): Changes => [
  { startLine: 0, startCharacter: from, endLine: 0, endCharacter: to, text },
];

test('what is insisted on takes the place of what won there', () => {
  assert.equal(insist('let x = foo;', on(8, 11, 'bar'), on(8, 11, 'baz')), 'let x = baz;');
  assert.equal(insist('abcdef', on(1, 5, 'X'), on(2, 3, 'y')), 'ayf');
  assert.equal(insist('abcdef', on(2, 3, 'X'), on(1, 5, 'y')), 'ayf');
  assert.equal(insist('abcdef', on(1, 3, 'X'), on(2, 5, 'y')), 'ayf');
  assert.equal(insist('abcdef', on(2, 5, 'X'), on(1, 3, 'y')), 'ayf');
  assert.equal(insist('abcdef', on(3, 3, 'X'), on(1, 5, '')), 'af');
});

test('what won beside it stays', () => {
  assert.equal(insist('abcdef', on(0, 1, 'A'), on(1, 2, 'B')), 'ABcdef');
  assert.equal(insist('abcdef', on(1, 1, 'X'), on(1, 3, 'y')), 'aXydef');
  assert.equal(insist('abcdef', on(3, 3, 'X'), on(1, 3, 'y')), 'ayXdef');
});

test('an insertion into what was deleted stays beside what won', () => {
  assert.equal(insist('abcdef', on(1, 5, 'X'), on(3, 3, 'y')), 'aXyf');
});

test('two refused replacements that one op ran together are joined', () => {
  const refused = [...on(1, 3, 'p'), ...on(5, 7, 'q')];
  assert.equal(insist('abcdefgh', on(2, 6, 'X'), refused), 'apqh');
});

test('without an overlap it is a rebase, and it always lies inside the text', () => {
  fc.assert(
    fc.property(concurrent(2), ({ base, sets }) => {
      const [refused, won] = [sets[0]!, sets[1]!];
      const head = Text.of(base).apply(won);
      const moved = reassert(refused, won);
      assert.ok(areOrdered(moved));
      for (const change of moved) {
        assert.ok(head.contains({ line: change.endLine, character: change.endCharacter }));
      }
      if (!changesOverlap(refused, won, 'character')) {
        assert.deepEqual(moved, rebase(refused, won, 'after'));
      }
    }),
  );
});

test('a proposal written anew still takes the place of what the first would have', () => {
  assert.deepEqual(growOver(on(11, 11, 'bazaar'), on(8, 11, 'baz')), on(8, 11, 'bazaar'));
  assert.deepEqual(growOver(on(12, 12, '!'), on(8, 11, 'baz')), on(12, 12, '!'));
});

test('ops that touched given lines are found through the ops after them', () => {
  const at = (line: number, text: string): Changes => [
    { startLine: line, startCharacter: 0, endLine: line, endCharacter: 0, text },
  ];
  const ops = [
    { opSeq: 1, changes: at(5, 'x') },
    { opSeq: 2, changes: at(0, 'new\nlines\n') },
    { opSeq: 3, changes: at(9, 'y') },
  ];
  // What the first op wrote on line 5 stands on line 7 by now.
  assert.deepEqual(opsTouchingLines(ops, [{ firstLine: 7, lastLine: 7 }]), [1]);
  assert.deepEqual(opsTouchingLines(ops, [{ firstLine: 0, lastLine: 1 }]), [2]);
  assert.deepEqual(opsTouchingLines(ops, [{ firstLine: 3, lastLine: 6 }]), []);
  assert.deepEqual(opsTouchingLines(ops, [{ firstLine: 5, lastLine: 9 }]), [1, 3]);
  assert.deepEqual(opsTouchingLines(ops, []), []);
});
