import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findLines, type LineEdit } from '../../../../src/agents/tools/line-edits.ts';
import { rangeHashOf } from '../../../../src/agents/tools/numbered-lines.ts';
import { Text } from '../../../../src/core/text.ts';

function made(content: string, ...edits: readonly LineEdit[]): string {
  const text = Text.of(content);
  const found = findLines(text, edits);
  return found.tag === 'found' ? text.apply(found.changes).toString() : found.tag;
}

const hashOf = (content: string, firstLine: number, lastLine = firstLine): string =>
  rangeHashOf(Text.of(content), { firstLine, lastLine });

const LINES = 'one\ntwo\nthree\nfour\n';

test('lines are replaced where their hash or text says what stands there', () => {
  const rangeHash = hashOf(LINES, 2, 3);
  assert.equal(
    made(LINES, { firstLine: 2, lastLine: 3, rangeHash, text: 'x\ny\nz\n' }),
    'one\nx\ny\nz\nfour\n',
  );
  assert.equal(made(LINES, { firstLine: 2, lastLine: 3, rangeHash, text: '' }), 'one\nfour\n');
  assert.equal(
    made(LINES, { firstLine: 1, lastLine: 1, oldText: 'one', text: '\n' }),
    '\ntwo\nthree\nfour\n',
  );
  assert.equal(made('a\nb', { firstLine: 2, lastLine: 2, oldText: 'b\n', text: '' }), 'a');
  assert.equal(made('a', { firstLine: 1, lastLine: 1, oldText: 'a', text: '' }), '');
});

test('wrong numbers: the lines are found where they stand, if just once', () => {
  const edit = { firstLine: 1, lastLine: 1, oldText: 'three', text: '3' };
  assert.equal(made(LINES, edit), 'one\ntwo\n3\nfour\n');
  assert.equal(
    made('x\ny\nx\n', { firstLine: 2, lastLine: 2, oldText: 'x', text: 'z' }),
    'range_changed',
  );
  assert.equal(
    made(LINES, { firstLine: 1, lastLine: 1, oldText: 'nine', text: '9' }),
    'range_changed',
  );
  assert.equal(
    made(LINES, { firstLine: 9, lastLine: 9, oldText: 'nine', text: '9' }),
    'range_changed',
  );
});

test('numbers alone are not enough', () => {
  assert.equal(made(LINES, { firstLine: 1, lastLine: 1, text: 'x' }), 'hash_needed');
  assert.equal(made(LINES, { firstLine: 9, lastLine: 9, text: 'x' }), 'bad_range');
  assert.equal(made(LINES, { firstLine: 0, lastLine: 0, oldText: 'one', text: 'x' }), 'bad_range');
  assert.equal(made(LINES, { firstLine: 3, lastLine: 2, oldText: 'one', text: 'x' }), 'bad_range');
});

test('several edits are all made on the text as it is; none over another', () => {
  const first = { firstLine: 1, lastLine: 2, rangeHash: hashOf(LINES, 1, 2), text: '1\n' };
  const last = { firstLine: 4, lastLine: 4, oldText: 'four', text: '4' };
  assert.equal(made(LINES, last, first), '1\nthree\n4\n');
  const over = { firstLine: 2, lastLine: 2, oldText: 'two', text: '2' };
  assert.equal(made(LINES, first, over), 'overlapping');
});
