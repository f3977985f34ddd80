import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnsOf, type TableName } from '../../../src/world/bindings.ts';
import { PRIVATE_TABLES, PUBLIC_TABLES } from '../../../src/world/history-tables.ts';
import { TestWorld } from '../module/test-world.ts';

test('every table of the module is compared by verify, or named with the reason why not', async () => {
  const { tables } = (await TestWorld.published()).runtime.def;
  const namesOf = (isPublic: boolean) =>
    tables.filter((table) => table.isPublic === isPublic).map(({ name }) => name);
  assert.deepEqual(namesOf(true).toSorted(), Object.keys(PUBLIC_TABLES).toSorted());
  assert.deepEqual(namesOf(false).toSorted(), Object.keys(PRIVATE_TABLES).toSorted());
});

test('tables are read by columns that they have', () => {
  for (const [name, table] of Object.entries(PUBLIC_TABLES)) {
    if ('notHistory' in table) continue;
    const columns = columnsOf(name as TableName).map((column) => column.name);
    assert.ok(columns.includes(table.key), `${name}.${table.key}`);
    if (table.reading.tag === 'asked') assert.ok(columns.includes(table.reading.by), name);
  }
});
