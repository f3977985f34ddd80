import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { newUuid } from '../../../src/world/uuid.ts';

const V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const times = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 });

test('ids have the form of version 7, whatever the time and the random bytes', () => {
  fc.assert(
    fc.property(times, sixteen, (nowMs, bytes) =>
      assert.match(
        newUuid(nowMs, () => bytes),
        V7,
      ),
    ),
  );
});

test('ids sort by the time they were made', () => {
  fc.assert(
    fc.property(times, times, sixteen, sixteen, (a, b, bytesOfA, bytesOfB) => {
      fc.pre(a < b);
      assert.ok(newUuid(a, () => bytesOfA) < newUuid(b, () => bytesOfB));
    }),
  );
});

test('the example of RFC 9562 comes out', () => {
  const random = Uint8Array.from(Buffer.from('0000000000000cc318c4dc0c0c07398f', 'hex'));
  assert.equal(
    newUuid(0x017f22e279b0, () => random),
    '017f22e2-79b0-7cc3-98c4-dc0c0c07398f',
  );
});
