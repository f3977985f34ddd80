import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { sha256 } from '../../../spacetimedb/src/sha256.ts';

test('the module’s SHA-256 agrees with the native one around every block border', () => {
  for (let length = 0; length <= 260; length++) {
    const data = Uint8Array.from({ length }, (_, index) => (index * 31 + length) & 0xff);
    const native = createHash('sha256').update(data).digest('hex');
    assert.equal(Buffer.from(sha256(data)).toString('hex'), native, `${length} bytes`);
  }
});

test('it agrees on a view into a larger buffer and on a long input', () => {
  const buffer = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7) & 0xff);
  for (const data of [buffer, buffer.subarray(3, 77_777)]) {
    const native = createHash('sha256').update(data).digest('hex');
    assert.equal(Buffer.from(sha256(data)).toString('hex'), native);
  }
});
