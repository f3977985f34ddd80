import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { verifyLog } from '../../src/core/verify-log.ts';
import { Database } from '../../src/host/database.ts';
import { type NamedType, sameType } from '../../src/host/bsatn/algebraic-type.ts';
import { systemClock } from '../../src/host/clock.ts';
import { silentLog } from '../../src/host/log.ts';
import type { ModuleDef } from '../../src/host/module-def.ts';
import { SqliteJournal } from '../../src/host/sqlite-journal.ts';
import { verifyArchive } from '../../src/world/archive-file.ts';
import type { TableName as PublicName } from '../../src/world/bindings.ts';
import { type HistoryTable, PUBLIC_TABLES } from '../../src/world/history-tables.ts';
import { nativeHash } from '../../src/world/native-hash.ts';
import { PAGE_TABLES } from '../../src/world/log-pages.ts';
import { ReplayedWorld } from '../../src/world/replayed-world.ts';
import { firstDifference } from '../../src/world/row-difference.ts';
import { opRecordOf } from '../../src/world/world-rows.ts';
import { InstalledCommand } from '../harness/installed-command.ts';
import { decodeRow, personNamed, type TableName } from '../unit/module/test-world.ts';
import { bundle } from './world-lab.ts';

const WORLDS = fileURLToPath(new URL('../fixtures/worlds/', import.meta.url));
const VERSIONS = (await readdir(WORLDS)).flatMap((name) =>
  name.endsWith('.world') ? [path.basename(name, '.world')] : [],
);

test('there is a stored world at all', () => assert.ok(VERSIONS.length > 0));

for (const version of VERSIONS) {
  const file = path.join(WORLDS, `${version}.world`);

  test(`the archive of ${version} verifies and restores to a world that works`, async (t) => {
    const { head, files } = await verifyArchive(file);
    assert.ok(files > 2 && head.opSeq > 20);
    const agentWorld = await InstalledCommand.install();
    t.after(() => agentWorld.dispose());
    const home = agentWorld.home('home');
    const { ops, database } = await agentWorld.json(home, 'restore', file);
    assert.equal(ops, head.opSeq);
    assert.equal((await agentWorld.run(home, 'verify', String(database))).code, 0);
  });

  test(`the database of ${version} opens, verifies, and upgrades to the module of today`, async (t) => {
    const { head } = await verifyArchive(file);
    const database = await openStored(t, `${version}.db.gz`);
    const before = tableRows(database);
    assertHistory(database, head.opSeq);
    await assertReplayed(database);
    assert.equal(open(database).length, 1, 'with its open ticket');
    const former = database.runtime.def;
    await database.update(new TextDecoder().decode(await bundle()));
    assertReadable(former, database.runtime.def);
    assertHistory(database, head.opSeq);
    await assertReplayed(database);
    for (const [name, rows] of before) assert.deepEqual(tableRows(database).get(name), rows, name);
    await database.close();
  });
}

async function openStored(t: TestContext, name: string): Promise<Database> {
  const folder = await mkdtemp(path.join(tmpdir(), 'agent-world-stored-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'world.db');
  await writeFile(file, gunzipSync(await readFile(path.join(WORLDS, name))));
  const database = Database.open({
    identity: personNamed('database'),
    owner: personNamed('owner'),
    journal: new SqliteJournal(file),
    clock: systemClock,
    log: silentLog,
    random: randomBytes,
    scheduleFlush: (flush) => setImmediate(flush),
    volatileTables: new Set(),
    limits: { queriesPerConnection: 1, outboundBytes: 1, inboundBytes: 1 },
  });
  assert.ok(database);
  return database;
}

/**
 * Clients read rows by the columns they know, one row after the other, and call by the arguments they
 * know: a column more would be taken for the next row. What is new goes into tables of its own.
 */
function assertReadable(former: ModuleDef, now: ModuleDef): void {
  const isSame = (columns: readonly NamedType[], after: readonly NamedType[] | undefined) =>
    after !== undefined &&
    sameType(
      { tag: 'product', elements: columns },
      former.typespace,
      { tag: 'product', elements: after },
      now.typespace,
    );
  for (const { name, columns } of former.tables.filter(({ isPublic }) => isPublic)) {
    const after = now.tables.find((table) => table.name === name);
    assert.ok(isSame(columns, after?.columns), `public table ${name}`);
  }
  for (const { name, params } of former.reducers) {
    const after = now.reducers.find((reducer) => reducer.name === name);
    assert.ok(isSame(params, after?.params), `reducer ${name}`);
  }
}

function assertHistory(database: Database, opSeq: number): void {
  const ops = rowsOf(database, 'file_op').map(opRecordOf);
  assert.equal(ops.length, opSeq);
  const parts = new Map(rowsOf(database, 'content_chunk').map((part) => [part.hash, part]));
  const [head] = rowsOf(database, 'log_head');
  assert.equal(
    verifyLog(ops, (key) => parts.get(key), nativeHash, head),
    undefined,
  );
}

/** Every row that is history is what today's module makes of the ops. */
async function assertReplayed(database: Database): Promise<void> {
  const parts = new Map(rowsOf(database, 'content_chunk').map((part) => [part.hash, part]));
  const source = new TextDecoder().decode(await bundle());
  const replayed = new ReplayedWorld(source, (key) => parts.get(key));
  for (const op of rowsOf(database, 'file_op').map(opRecordOf)) {
    assert.equal(replayed.take(op, replayed.encode(op)), undefined);
  }
  assert.equal(replayed.settle(), undefined);
  for (const [name, table] of Object.entries(PUBLIC_TABLES) as [PublicName, HistoryTable][]) {
    if (!('key' in table)) continue;
    // A history of 0.1.0 is cut into pages when somebody comes.
    if (PAGE_TABLES.includes(name)) continue;
    const wrong = firstDifference(name, table.key, replayed.rows(name)!, rowsOf(database, name));
    assert.equal(wrong, undefined);
  }
}

function open(database: Database) {
  return rowsOf(database, 'conflict_ticket').filter(({ status }) => status === 'open');
}

function rowsOf<Name extends TableName>(database: Database, name: Name) {
  const table = database.runtime.datastore.table(name);
  return (table?.allRows() ?? []).map((row) => decodeRow(name, row.bytes));
}

/** All rows but those of the moment, as stored. */
function tableRows(database: Database): ReadonlyMap<string, readonly string[]> {
  const tables = [...database.runtime.datastore.tables()];
  return new Map(
    tables
      .filter(({ schema }) => schema.name !== 'maintenance_schedule')
      .map((table) => [
        table.schema.name,
        table
          .allRows()
          .map((row) => row.bytes.toString('hex'))
          .sort(),
      ]),
  );
}
