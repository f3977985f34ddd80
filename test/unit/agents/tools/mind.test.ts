import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { carry, carryApart } from '../../../../src/agents/tools/mind.ts';
import { Text } from '../../../../src/core/text.ts';
import { minimalChanges } from '../../../../src/sync/minimal-changes.ts';

const content = fc
  .array(fc.constantFrom('a', 'b', 'c', 'd', ''), { minLength: 1, maxLength: 8 })
  .map((lines) => lines.join('\n'));

test('an own text with what others did, and theirs with what one did, are the same text', () => {
  fc.assert(
    fc.property(content, content, fc.array(content, { maxLength: 4 }), (base, own, versions) => {
      const mine = minimalChanges(Text.of(base), own);
      let text = Text.of(base);
      const others = versions.map((version) => {
        const changes = minimalChanges(text, version);
        text = text.apply(changes);
        return changes;
      });
      const carried = carry(mine, others);
      const theirs = carried.others.reduce((sum, changes) => sum.apply(changes), Text.of(own));
      assert.equal(text.apply(carried.moved).toString(), theirs.toString());
    }),
  );
});

test('changes of the same lines are not moved past each other', () => {
  const base = Text.of('one\ntwo\nthree');
  const others = [minimalChanges(base, 'one\n2\nthree')];
  assert.equal(carryApart(minimalChanges(base, 'one\nzwei\nthree'), others), undefined);
  const apart = carryApart(minimalChanges(base, 'one\ntwo\ndrei'), others);
  const text = base.apply(others[0]!).apply(apart!.moved).toString();
  assert.equal(text, 'one\n2\ndrei');
});
