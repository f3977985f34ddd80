import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sightOfLabel } from '../../../src/decorations/label-fade.ts';

test('a name is seen whole while its cursor moves and for a while after, then fades and is gone', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60_000 }), fc.nat(1000), (stayMs, permille) => {
      const whole = sightOfLabel((stayMs * permille) / 1001, stayMs);
      assert.equal(whole.opacity, sightOfLabel(0, stayMs).opacity);
      const seen: number[] = [];
      let ageMs = 0;
      for (let looks = 0; looks < 10; looks++) {
        const { opacity, nextMs } = sightOfLabel(ageMs, stayMs);
        seen.push(opacity);
        if (nextMs === undefined) break;
        assert.ok(nextMs > 0, 'each look comes later');
        ageMs += nextMs;
      }
      assert.deepEqual(seen, [0.9, 0.65, 0.4, 0.2, 0], 'every look shows something new');
      assert.equal(sightOfLabel(ageMs, stayMs).nextMs, undefined, 'nothing is waited for then');
    }),
  );
});

test('names that stay for ever wait for nothing', () => {
  assert.deepEqual(sightOfLabel(1e9, 0), { opacity: 0.9, nextMs: undefined });
});
