import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRefusal } from '../../../src/world/refusal.ts';

test('a refusal is its code and its words', () => {
  assert.deepEqual(parseRefusal('bad_path: not a path: a/../b'), {
    code: 'bad_path',
    message: 'not a path: a/../b',
    details: {},
  });
});

test('details follow on a line of their own', () => {
  const { code, details } = parseRefusal('locked: claimed by Ada\n{"lockId":7}');
  assert.deepEqual([code, details], ['locked', { lockId: 7 }]);
});

test('details that make no sense are left out', () => {
  assert.deepEqual(parseRefusal('locked: x\n{oops').details, {});
  assert.deepEqual(parseRefusal('locked: x\n7').details, {});
});

test('what is no refusal keeps its words', () => {
  assert.deepEqual(parseRefusal('Something else'), {
    code: 'refused',
    message: 'Something else',
    details: {},
  });
});
