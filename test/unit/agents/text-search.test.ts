import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findReplacements } from '../../../src/agents/text-search.ts';
import { describeChange } from '../../../src/core/change.ts';
import { Text } from '../../../src/core/text.ts';

const text = Text.of('one two\nthree two\n𝒳 four');

function shown(...replacements: Parameters<typeof findReplacements>[1]): unknown {
  const found = findReplacements(text, replacements);
  return found.tag === 'found' ? found.changes.map(describeChange) : found;
}

test('a quote becomes a change, also across lines', () => {
  assert.deepEqual(shown({ search: 'two\nthree', replacement: '2' }), ['0:4-1:5 → "2"']);
  assert.deepEqual(shown({ search: '𝒳 f', replacement: 'F' }), ['2:0-2:4 → "F"']);
});

test('several quotes come out sorted', () => {
  const found = shown({ search: 'four', replacement: '4' }, { search: 'one', replacement: '1' });
  assert.deepEqual(found, ['0:0-0:3 → "1"', '2:3-2:7 → "4"']);
});

test('a quote that is not there, or empty, is told', () => {
  assert.deepEqual(shown({ search: 'five', replacement: '' }), {
    tag: 'not_found',
    search: 'five',
  });
  assert.deepEqual(shown({ search: '', replacement: 'x' }), { tag: 'not_found', search: '' });
});

test('a quote that is there twice is told with its lines, unless all are meant', () => {
  assert.deepEqual(shown({ search: 'two', replacement: '2' }), {
    tag: 'ambiguous',
    search: 'two',
    lines: [0, 1],
  });
  assert.deepEqual(shown({ search: 'two', replacement: '2', all: true }), [
    '0:4-0:7 → "2"',
    '1:6-1:9 → "2"',
  ]);
});

test('quotes that overlap are told', () => {
  const found = shown(
    { search: 'one two', replacement: '' },
    { search: 'two\nth', replacement: '' },
  );
  assert.deepEqual(found, { tag: 'overlapping', search: 'two\nth' });
});
