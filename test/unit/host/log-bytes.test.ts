import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TableChange } from '../../../src/host/datastore/transaction.ts';
import { loggedBytes } from '../../../src/host/log-bytes.ts';

const rows = (...lengths: number[]) =>
  lengths.map((length) => ({ id: 0, bytes: Buffer.alloc(length), keys: [] }));

const change = (inserted: number[], deleted: number[] = []): TableChange =>
  ({ inserted: rows(...inserted), deleted: rows(...deleted) }) as unknown as TableChange;

test('the log of a call is what a server’s was when it was measured', () => {
  // A row of 400 bytes that came as an argument of as many.
  assert.equal(loggedBytes(400, [change([400])]), 931);
});

test('a changed row counts twice, and rows of all tables count', () => {
  assert.equal(loggedBytes(0, []), 131);
  assert.equal(loggedBytes(10, [change([100], [90]), change([5, 5])]), 131 + 10 + 200);
});
