import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DEFAULT_LIMITS, type Limits } from '../../../src/core/limits.ts';
import { DEFAULT_QUOTAS, QUOTA_NAMES, SERVER_QUOTAS } from '../../../src/core/quota.ts';
import { firstSubscriptionBytes, HIGHEST_LIMITS, SIZES } from '../../../src/core/sizes.ts';

const file = fileURLToPath(new URL('../../../docs/limits.md', import.meta.url));
const text = await readFile(file, 'utf8');

test(`${path.basename(file)} says every size as it is`, () => {
  for (const [name, bytes] of Object.entries(SIZES)) {
    assert.deepEqual(cellsOf(name).slice(1, 2), [spelled(bytes)], name);
  }
});

test('it says every limit, its default, and the highest value', () => {
  for (const name of Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]) {
    const highest = HIGHEST_LIMITS[name];
    const expected = [spelled(DEFAULT_LIMITS[name]), highest === undefined ? '' : spelled(highest)];
    assert.deepEqual(cellsOf(name).slice(1, 3), expected, name);
  }
});

test('it says what connecting to the largest world brings', () => {
  for (const { table, rows, rowBytes, bytes } of firstSubscriptionBytes(DEFAULT_LIMITS)) {
    const expected = [rows, rowBytes, bytes].map(spelled);
    assert.deepEqual(cellsOf(table).slice(1, 4), expected, table);
  }
});

test('it says every quota and its default', () => {
  for (const name of QUOTA_NAMES) {
    assert.equal(cellsOf(name)[1], spelled(DEFAULT_QUOTAS[name]), name);
  }
  assert.ok(text.includes(`${spelled(SERVER_QUOTAS.worldMebibytes)} where`));
});

/** Cells of the row that begins with a name. */
function cellsOf(name: string): string[] {
  const line = text.split('\n').find((each) => each.startsWith(`| \`${name}\``));
  assert.ok(line, `there is no row ${name}`);
  const cells = line.split('|').map((cell) => cell.trim());
  return cells.slice(1, -1);
}

function spelled(number: number): string {
  return number.toLocaleString('en-US');
}
