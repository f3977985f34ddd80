import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { opsTouchingLines } from '../../../src/core/later-overlap.ts';
import { isBeyondReach, reachOf, sideOfReach } from '../../../src/core/line-reach.ts';
import type { Intent } from '../../../src/core/op.ts';
import { judge, POLICY_MODES } from '../../../src/core/policy.ts';
import { rebase } from '../../../src/core/rebase.ts';

/** One op with a change or two near a line: takes some lines out and puts some in. */
const op = opWithin(60, 3);

function opWithin(lines: number, most: number) {
  const sizes = fc.array(fc.tuple(fc.nat(most), fc.nat(most)), { minLength: 1, maxLength: 2 });
  return fc
    .record({ line: fc.nat(lines), apart: fc.nat(4), sizes })
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
}

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

test('judged by the reach of the others, an op fares as it does against one after the other', () => {
  const intents: readonly Intent[] = ['typing', 'patch'];
  let [beyond, moved] = [0, 0];
  fc.assert(
    fc.property(
      op,
      fc.oneof(fc.array(op, { maxLength: 6 }), fc.array(opWithin(20, 0), { maxLength: 3 })),
      fc.nat(60),
      fc.constantFrom(...POLICY_MODES),
      fc.constantFrom(...intents),
      (proposed, others, further, policy, intent) => {
        const changes = proposed.map((change) => ({
          ...change,
          startLine: change.startLine + further,
          endLine: change.endLine + further,
        }));
        const between = others.map((each, index) => ({ opSeq: index + 1, changes: each }));
        const judged = { changes, intent, declaredOverlaps: [] };
        const reach = reachOf(between);
        const verdict = judge(judged, between, policy, reach);
        assert.deepEqual(verdict, judge(judged, between, policy));
        const side = sideOfReach(changes, reach);
        if (side !== undefined) beyond += 1;
        if (side === 'below' && reach.lineDelta !== 0) moved += 1;
        if (side !== 'below') return;
        // Nor do those below move what they were compared with.
        let own = changes;
        for (const other of between) {
          assert.deepEqual(rebase(other.changes, own, 'before'), other.changes);
          own = [...rebase(own, other.changes, 'after')];
        }
      },
    ),
    { numRuns: 5000 },
  );
  assert.ok(beyond > 500 && moved > 200, `${beyond} were beyond reach, ${moved} of them moved`);
});
