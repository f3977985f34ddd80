import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinedRanges, mapLineRanges } from '../../../src/core/map-line-ranges.ts';
import { mapLineRange } from '../../../src/core/map-position.ts';
import { concurrent } from './arbitrary.ts';

const lines = fc.tuple(fc.nat(12), fc.nat(3)).map(([firstLine, more]) => {
  return { firstLine, lastLine: firstLine + more };
});

test('many ranges move as each of them would alone', () => {
  fc.assert(
    fc.property(concurrent(1), fc.array(lines, { maxLength: 8 }), ({ sets: [changes] }, all) => {
      const ranges = joinedRanges(all);
      assert.deepEqual(
        mapLineRanges(ranges, changes!),
        ranges.map((range) => mapLineRange(range, changes!)),
      );
    }),
  );
});

test('joined ranges have the same lines, in order, each once', () => {
  fc.assert(
    fc.property(fc.array(lines), (all) => {
      const joined = joinedRanges(all);
      assert.deepEqual(joined.flatMap(linesOf), [...new Set(all.flatMap(linesOf))].sort(byNumber));
      for (const [at, { firstLine }] of joined.entries()) {
        assert.ok(
          at === 0 || firstLine > joined[at - 1]!.lastLine + 1,
          'those side by side are one',
        );
      }
    }),
  );
});

function linesOf({
  firstLine,
  lastLine,
}: {
  readonly firstLine: number;
  readonly lastLine: number;
}) {
  return Array.from({ length: lastLine - firstLine + 1 }, (_, index) => firstLine + index);
}

function byNumber(a: number, b: number): number {
  return a - b;
}
