import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineFinder, type SearchTerm } from '../../../../src/agents/tools/line-finder.ts';
import { systemClock } from '../../../../src/world/clock.ts';

async function linesIn(content: string, term: SearchTerm, most = 100): Promise<unknown> {
  const finder = lineFinder(term, systemClock);
  try {
    const found = await finder.find(content, most, 20_000);
    return found.tag === 'lines' ? found.lines : found.tag;
  } finally {
    finder.close();
  }
}

test('a text is found line by line, also one that goes over several', async () => {
  assert.deepEqual(await linesIn('a b a\nb\na', { text: 'a' }), [1, 3]);
  assert.deepEqual(await linesIn('a\nb\na\nb', { text: 'a\r\nb' }), [1, 3]);
  assert.deepEqual(await linesIn('Ä\nä', { text: 'Ä', ignoreCase: true }), [1, 2]);
  assert.deepEqual(await linesIn('a\na\na', { text: 'a' }, 2), [1, 2]);
});

test('a regular expression is tried on each line', async () => {
  assert.deepEqual(await linesIn('foo(1)\nbar\nfoo(22)', { regex: '^foo\\(\\d+\\)$' }), [1, 3]);
  assert.deepEqual(await linesIn('say "x"', { regex: '\\"x\\"' }), [1]);
  assert.equal(await linesIn('a', { regex: '(' }), 'bad');
});

test('an expression that would never end is given up, and another one works after it', async () => {
  const finder = lineFinder({ regex: '^(a+)+$' }, systemClock);
  const found = await finder.find(`${'a'.repeat(60)}b`, 10, 200);
  assert.equal(found.tag, 'slow');
  assert.deepEqual(await finder.find('aaa', 10, 20_000), { tag: 'lines', lines: [1] });
  finder.close();
});
