import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byteText } from '../../../src/views/worlds/byte-text.ts';

test('bytes are told in the unit that fits, with a digit behind the point while that says something', () => {
  const told = [0, 999, 1000, 9949, 9951, 999_499, 999_500, 1_250_000, 5e13].map(byteText);
  const expected = ['0 B', '999 B', '1.0 kB', '9.9 kB', '10 kB', '999 kB', '1.0 MB', '1.3 MB'];
  assert.deepEqual(told, [...expected, '50 TB']);
});
