import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conversationText, namedPlaces } from '../../../src/views/notes/conversation-text.ts';

test('every message has a heading of its own, and says where the news begins', () => {
  const { text, headingLines, newsLine } = conversationText(
    [
      { heading: 'Ann to you', text: 'one' },
      { heading: 'Ben to you', text: 'two\nlines' },
    ],
    1,
    'New',
  );
  assert.equal(text, 'Ann to you\n  one\n\nNew\n\nBen to you\n  two\n  lines\n');
  assert.deepEqual([headingLines, newsLine], [[0, 5], 3]);
  for (const line of headingLines) assert.match(text.split('\n')[line]!, / to you$/);
});

test('no message can look like somebody else’s', () => {
  for (const breaking of ['\n', '\r\n', '\r', '\u2028', '\u2029']) {
    const messages = [{ heading: 'Eve to you', text: `x${breaking}Ann to you` }];
    const { text } = conversationText(messages, undefined, 'New');
    const unindented = text.split(/[\n\r\u2028\u2029]/).filter((line) => /^\S/.test(line));
    assert.deepEqual(unindented, ['Eve to you'], JSON.stringify(breaking));
  }
});

test('places in files that there are become links', () => {
  const isFile = (path: string): boolean => ['src/a.ts', 'README.md'].includes(path);
  const found = (line: string): readonly unknown[] =>
    namedPlaces(line, isFile).map(({ start, endExclusive, path, line: number }) => [
      line.slice(start, endExclusive),
      path,
      number,
    ]);
  assert.deepEqual(found('Could you release src/a.ts:3–7? And (README.md:12).'), [
    ['src/a.ts:3–7', 'src/a.ts', 3],
    ['README.md:12', 'README.md', 12],
  ]);
  assert.deepEqual(found('at 14:05 in src/b.ts:3, http://x.y:80'), []);
});
