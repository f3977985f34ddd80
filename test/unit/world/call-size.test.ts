import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CallSize } from '../../../src/world/call-size.ts';

const BOUNDS = { least: 4, most: 24 } as const;

/** After so many full calls of a world that takes `fixedMs` for each, and `eachMs` for each thing in it. */
function sizeAfter(calls: number, fixedMs: number, eachMs: number): CallSize {
  const size = new CallSize(BOUNDS);
  for (let call = 0; call < calls; call++) size.took(size.count, fixedMs + size.count * eachMs);
  return size;
}

test('a call grows until it takes a moment, and no further than it may', () => {
  assert.equal(new CallSize(BOUNDS).count, BOUNDS.least);
  const { count } = sizeAfter(100, 5, 0.5);
  assert.ok(count >= 9 && count <= 10, `${count}`);
  assert.equal(sizeAfter(100, 0, 0.01).count, BOUNDS.most);
  assert.equal(sizeAfter(100, 50, 5).count, BOUNDS.least);
});

test('a world that becomes slower gets less at a time', () => {
  const size = sizeAfter(100, 0, 0.01);
  for (let call = 0; call < 100; call++) size.took(size.count, 20);
  assert.equal(size.count, BOUNDS.least);
});

test('one call that took long, and a small one that took no time, say little', () => {
  const size = sizeAfter(100, 0, 0.01);
  size.took(size.count, 60_000);
  assert.ok(size.count >= BOUNDS.most / 2);
  const before = sizeAfter(100, 3, 0.5);
  const { count } = before;
  for (let call = 0; call < 100; call++) before.took(1, 0);
  assert.equal(before.count, count);
});

test('whatever calls take, their size stays within its bounds', () => {
  const took = fc.tuple(fc.nat(100), fc.oneof(fc.nat(100_000), fc.constant(-5), fc.constant(0)));
  fc.assert(
    fc.property(fc.array(took, { maxLength: 200 }), (calls) => {
      const size = new CallSize(BOUNDS);
      for (const [count, ms] of calls) {
        size.took(count, ms);
        assert.ok(size.count >= BOUNDS.least && size.count <= BOUNDS.most);
      }
    }),
  );
});
