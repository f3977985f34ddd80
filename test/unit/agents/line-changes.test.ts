import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { areOrdered, describeChange } from '../../../src/core/change.ts';
import { Text } from '../../../src/core/text.ts';
import { findFault } from '../../../src/core/validate-changes.ts';
import { lineChanges } from '../../../src/agents/line-changes.ts';

function shown(before: string, after: string): string[] {
  return lineChanges(Text.of(before), Text.of(after)).map(describeChange);
}

test('only what differs within an altered line is replaced', () => {
  assert.deepEqual(shown('one\nlet a=1;\nthree', 'one\nlet a = 1;\nthree'), ['1:5-1:6 → " = "']);
});

test('lines that came and went move nothing else', () => {
  assert.deepEqual(shown('a\nb\nc\n', 'a\nx\ny\nb\n'), ['1:0-1:0 → "x\\ny\\n"', '2:0-3:0 → ""']);
});

test('the last line without a line end of its own', () => {
  assert.deepEqual(shown('a', 'a\nb'), ['0:1-0:1 → "\\nb"']);
  assert.deepEqual(shown('a\nb', 'a'), ['0:1-1:1 → ""']);
});

test('equal texts need nothing', () => {
  assert.deepEqual(shown('a\nb', 'a\nb'), []);
});

const text = fc.string({
  unit: fc.constantFrom('a', 'b', '\n', '\n', ' ', ';', '𝒳', '𝒴'),
  maxLength: 40,
});

test('the changes are sound and lead from one text to the other', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const base = Text.of(before);
      const changes = lineChanges(base, Text.of(after));
      assert.ok(areOrdered(changes));
      assert.equal(findFault(changes, base), undefined);
      assert.equal(base.apply(changes).toString(), after);
    }),
  );
});

test('a line that was altered is not replaced with what was added beside it', () => {
  assert.deepEqual(shown('a=1\nf( x ){y}\n', 'a = 1;\nf(x) {\n  y;\n}\n'), [
    '0:1-0:3 → " = 1;"',
    '1:0-2:0 → "f(x) {\\n  y;\\n}\\n"',
  ]);
});

test('texts far apart are dealt with in bounded time', () => {
  const before = Array.from({ length: 6_000 }, (_, index) => `a${index}`).join('\n');
  const after = Array.from({ length: 6_000 }, (_, index) => `b${index}`).join('\n');
  const changes = lineChanges(Text.of(before), Text.of(after));
  assert.equal(Text.of(before).apply(changes).toString(), after);
});
