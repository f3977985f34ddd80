import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Text } from '../../../src/core/text.ts';
import { restoreChanges } from '../../../src/world/restore-version.ts';

function restored(now: string, then: string, side: 'now' | 'then', line: number): string {
  const text = Text.of(now);
  const lines = { side, firstLine: line, lastLine: line };
  return text.apply(restoreChanges(text, Text.of(then), lines)).toString();
}

test('a line becomes what it was, and its neighbours stay', () => {
  const now = 'title\nplan well\nbake bread\nsell bread\nend';
  const then = 'title\nplan w\nbuy bread\nend';
  assert.equal(restored(now, then, 'then', 2), 'title\nplan well\nbuy bread\nend');
  assert.equal(restored(now, then, 'then', 1), 'title\nplan w\nbake bread\nsell bread\nend');
  assert.equal(restored('a\nB\nC\n', 'a\nb\nc\n', 'now', 1), 'a\nb\nC\n');
});

test('lines that are gone come back with the line that is selected beside them', () => {
  assert.equal(
    restored('one\nfour\n', 'one\ntwo\nthree\nfour\n', 'now', 0),
    'one\ntwo\nthree\nfour\n',
  );
  assert.equal(
    restored('one\nfour\n', 'one\ntwo\nthree\nfour\n', 'then', 1),
    'one\ntwo\nthree\nfour\n',
  );
  assert.equal(restored('one\ntwo\nx\n', 'one\nx\n', 'now', 1), 'one\nx\n');
});

test('all lines selected are the whole text', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '𝒳'), maxLength: 30 });
  fc.assert(
    fc.property(text, text, (now, then) => {
      const before = Text.of(now);
      const after = Text.of(then);
      for (const side of ['now', 'then'] as const) {
        const { lineCount } = side === 'now' ? before : after;
        const lines = { side, firstLine: 0, lastLine: lineCount - 1 };
        assert.equal(before.apply(restoreChanges(before, after, lines)).toString(), then);
      }
      assert.equal(before.apply(restoreChanges(before, after)).toString(), then);
    }),
    { numRuns: 1_000 },
  );
});
