import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isBeyondReach, opsTouchingLines, reachOf } from '../../../src/core/later-overlap.ts';

/** One op with a change or two near a line: takes some lines out and puts some in. */
const op = fc
  .record({
    line: fc.nat(60),
    apart: fc.nat(4),
    sizes: fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { minLength: 1, maxLength: 2 }),
  })
  .map(({ line, apart, sizes }) => {
    let startLine = line;
    return sizes.map(([taken, put]) => {
      const endLine = startLine + taken;
      const text = `x${'\n'.repeat(put)}`;
      const change = { startLine, startCharacter: 1, endLine, endCharacter: 2, text };
      startLine = endLine + 1 + apart;
      return change;
    });
  });

let beyond = 0;

test('ops whose reach ends before some lines have not touched them', () => {
  fc.assert(
    fc.property(
      fc.array(op, { maxLength: 6 }),
      fc.array(op, { maxLength: 6 }),
      fc.nat(120),
      fc.nat(3),
      (carried, own, firstLine, more) => {
        const lines = [{ firstLine, lastLine: firstLine + more }];
        const numbered = carried.map((changes, index) => ({ opSeq: index + 1, changes }));
        const ownOps = own.map((changes) => ({ opSeq: 0, changes }));
        const moved = reachOf(ownOps).shift;
        if (!isBeyondReach(reachOf(numbered), lines, moved)) return;
        beyond += 1;
        const touching = opsTouchingLines([...numbered, ...ownOps], lines);
        assert.deepEqual(
          touching.filter((opSeq) => opSeq > 0),
          [],
        );
      },
    ),
    { numRuns: 5000 },
  );
  assert.ok(beyond > 500, `${beyond} of them were beyond reach`);
});
