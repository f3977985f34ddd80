import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCells } from '../../../src/editor/notebook-cells.ts';

function bytesOf(...sources: readonly unknown[]): Uint8Array {
  const cells = sources.map((source) => ({ cell_type: 'code', source }));
  return new TextEncoder().encode(JSON.stringify({ cells, nbformat: 4 }));
}

test('a notebook has the cells of a file, however their lines are written', () => {
  const bytes = bytesOf(['a = 1\n', 'b = 2'], 'c = "é"\n', []);
  assert.ok(hasCells(bytes, ['a = 1\r\nb = 2', 'c = "é"']));
  assert.ok(hasCells(bytes, ['a = 1\nb = 2', 'c = "é"', '']));
});

test('a notebook with another cell, one more or one less has not', () => {
  const bytes = bytesOf('a = 1', 'b = 2');
  assert.equal(hasCells(bytes, ['a = 1', 'b = 22']), false);
  assert.equal(hasCells(bytes, ['a = 1']), false);
  assert.equal(hasCells(bytes, ['a = 1', 'b = 2', 'c = 3']), false);
  assert.equal(hasCells(bytes, ['b = 2', 'a = 1']), false);
});

test('of a file of another kind, or half of one, nobody knows', () => {
  for (const text of ['# %%\na = 1\n', '{"cells": [', 'null', '{"cells": {}}']) {
    assert.ok(hasCells(new TextEncoder().encode(text), ['a = 1']));
  }
  assert.equal(hasCells(bytesOf(null, 7, [1]), ['a = 1']), false);
});
