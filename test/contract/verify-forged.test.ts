import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Identity, Timestamp } from 'spacetimedb';
import { EXIT } from '../../src/cli/exit-code.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { showVerdict } from '../../src/cli/verify.ts';
import type { Database } from '../../src/host/database.ts';
import { DEFAULT_QUOTAS, USAGE_STEP } from '../../src/core/quota.ts';
import { columnsOf, type Row, type TableName } from '../../src/world/bindings.ts';
import { systemClock } from '../../src/world/clock.ts';
import { PUBLIC_TABLES } from '../../src/world/history-tables.ts';
import { newIdentity } from '../../src/world/identities.ts';
import { openLink } from '../../src/world/open-link.ts';
import { silentLog } from '../../src/world/log.ts';
import { databaseNameFor, publishModule } from '../../src/world/publish.ts';
import { isApart, readTicket } from '../../src/world/read-ticket.ts';
import { ticketOf } from '../../src/world/world-rows.ts';
import { inSql } from '../../src/world/row-difference.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { verifyWorld, type WorldVerdict } from '../../src/world/verify-world.ts';
import { WorldList } from '../../src/world/world-list.ts';
import { openWorld, type WorldSession } from '../../src/world/world-session.ts';
import { emptyTable, ForgedTable, otherValue } from '../harness/forge-row.ts';
import { logOf } from '../unit/module/imported-world.ts';
import { livelyWorldWithLongTicket } from '../unit/module/lively-world.ts';
import type { TestWorld } from '../unit/module/test-world.ts';
import { openTestServer, type TestServer } from './engine-harness.ts';
import { bundle } from './world-lab.ts';

// Whoever owns a database may change its rows at will. Here that is done inside the embedded host.
const skip = process.env['AGENT_WORLD_TEST_SERVER'] !== undefined;

let server: TestServer;
let session: WorldSession;
let database: Database;
let worlds: WorldList;
const name = databaseNameFor('forged', systemRandomBytes);

before(async () => {
  if (skip) return;
  server = await openTestServer();
  const self = await newIdentity(server.uri);
  const { token } = self;
  const { uri } = server;
  await publishModule({ uri, token, database: name, bundle: await bundle() });
  const surroundings = { uri, database: name, clock: systemClock, log: silentLog };
  const link = await openLink({ ...surroundings, token, timeoutMs: 60_000, onEnd() {} });
  assert.equal((await link.call('import_log', logOf(await countedWorld()))).tag, 'done');
  link.close();
  session = openWorld({ ...surroundings, self, random: () => 0.5 });
  await session.whenOnline();
  database = server.embedded!.host.engine.database(name);
  // What tends a world would count again what a forged row says was never counted, and for good.
  await emptyTable(database, 'maintenance_schedule');
  worlds = new WorldList(server.embedded!.home);
});

after(async () => {
  if (skip) return;
  session.close();
  await server.close();
});

/** A world that has written down what it keeps, under quotas of its own. */
async function countedWorld(): Promise<TestWorld> {
  const world = await livelyWorldWithLongTicket();
  world.mustCall(world.owner, 'set_quotas', { ...DEFAULT_QUOTAS, memberNotes: 99 });
  const fileId = world.createFile(world.owner, 'small.txt', '');
  const mixed = world.newFile('mixed.txt', 'one\ntwo\n');
  mixed.content.eol = 'lf 1';
  world.mustCall(world.owner, 'create_file', { author: '', file: mixed });
  world.mustCall(world.owner, 'set_restorations', { agents: 'ask', people: 'take' });
  world.mustCall(world.owner, 'set_export_rule', { rule: 'reviewed' });
  const asking = { opId: world.nextId(), cause: 'git', folderName: 'clone', fileCount: 2 };
  const files = [{ fileId, what: 'changed' }];
  const owners = [world.join('ben')];
  world.mustCall(world.owner, 'ask_restoration', { ...asking, files, owners });
  const robot = world.join('robot with turns', { kind: 'agent' });
  const turn = { session: 's', name: 't', client: 'c', title: 'tidy', prompt: 'p' };
  const salt = new Uint8Array(32);
  for (let at = 0; at < 2; at++) {
    world.mustCall(robot, 'begin_turn', { ...turn, salt, opId: world.nextId() });
  }
  const idle = world.join('paused robot', { kind: 'agent' });
  const rights = { role: 'editor', capabilities: [], pathScope: [], paused: true };
  world.mustCall(world.owner, 'set_member', { identity: Identity.fromString(idle), ...rights });
  const place = { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0, text: 'y' };
  world.edit(robot, fileId, 1, [place]);
  // More than what may wait to be written down.
  for (let version = 2; version <= USAGE_STEP.ops; version++) {
    world.edit(world.owner, fileId, version, [place]);
  }
  return world;
}

for (const [table, how] of Object.entries(PUBLIC_TABLES)) {
  // So short a world has no closed page: `forged-pages.test.ts` has one.
  if ('notHistory' in how || table === 'op_page') continue;

  test(`a forged column of ${table} is found and named`, { skip }, async () => {
    for (const bytes of [1_000_000, 1]) assert.equal((await verify(bytes)).tag, 'verified');
    const rows = new ForgedTable(database, table as TableName);
    assert.ok(rows.rows.length > 0, 'there is a row to forge');
    for (const { name: column } of columnsOf(table as TableName)) {
      const row = rowToForge(table as TableName, rows.rows, column);
      const forged = { ...row, [column]: forgedValue(column, value(row, column)) };
      await rows.exchange(row, forged);
      const verdict = await verify();
      // Of a large table some rows are read at a time.
      const isAsked = how.reading.tag === 'asked';
      const isFoundBy = column === how.key || column === 'status' || column === 'version';
      if (isAsked && isFoundBy) assert.deepEqual(await verify(1), verdict, column);
      await rows.exchange(forged, row);
      assert.ok(verdict.tag === 'broken' && verdict.row, `${table}.${column} is not found`);
      const named: string = `${table}.${column}: ${JSON.stringify(verdict)}`;
      assert.equal(verdict.row.table, table, named);
      if (column === how.key) continue;
      assert.equal(verdict.row.key, spelled(value(row, how.key)), named);
      // The chain covers all columns of an op at once.
      if (table !== 'file_op') assert.equal(verdict.row.column, inSql(column), named);
    }
    assert.equal((await verify()).tag, 'verified');
  });

  test(`a row that is missing in ${table} is found`, { skip }, async () => {
    const rows = new ForgedTable(database, table as TableName);
    const row = rowToForge(table as TableName, rows.rows, how.key);
    await rows.exchange(row, undefined);
    if (table === 'log_head') {
      await assert.rejects(verify(), /no head/);
    } else {
      const verdict = await verify();
      assert.ok(verdict.tag === 'broken' && verdict.row, 'it is found');
      assert.equal(verdict.row.table, table);
      assert.equal(verdict.row.what, 'missing');
    }
    await rows.exchange(undefined, row);
  });
}

test('a row that nobody made is found', { skip }, async () => {
  for (const table of ['note', 'workspace_member', 'file_snapshot', 'conflict_ticket'] as const) {
    const rows = new ForgedTable(database, table);
    const { key } = PUBLIC_TABLES[table] as { readonly key: string };
    const row = rows.rows.at(-1)!;
    const added = { ...row, [key]: otherValue(value(row, key)) };
    await rows.exchange(undefined, added);
    const verdict = await verify();
    await rows.exchange(added, undefined);
    assert.ok(verdict.tag === 'broken', table);
    assert.deepEqual(verdict.row, {
      table,
      key: spelled(value(added, key)),
      column: undefined,
      what: 'added',
    });
  }
});

test(
  'a long ticket verifies in the form of 0.1.0, and a forged text of it is found',
  { skip },
  async () => {
    const tickets = new ForgedTable(database, 'conflict_ticket');
    const texts = new ForgedTable(database, 'ticket_text');
    const row = tickets.rows.find((each) => isApart(each))!;
    const link = await session.whenOnline();
    const whole = await readTicket(link, ticketOf(row));
    const { parts, payload, overlapping } = whole!;
    const former = { ...row, parts, payload, overlapping } as Row<'conflict_ticket'>;
    const pieces = texts.rows;
    for (const piece of pieces) await texts.exchange(piece, undefined);
    await tickets.exchange(row, former);
    assert.equal((await verify()).tag, 'verified');
    const forgedParts = [{ ...parts[0]!, proposedText: 'a secret plan' }];
    const forged = { ...former, parts: forgedParts } as Row<'conflict_ticket'>;
    await tickets.exchange(former, forged);
    const verdict = await verify();
    await tickets.exchange(forged, row);
    for (const piece of pieces) await texts.exchange(undefined, piece);
    assert.ok(verdict.tag === 'broken' && verdict.row, JSON.stringify(verdict));
    assert.equal(verdict.row.table, 'conflict_ticket');
    assert.equal((await verify()).tag, 'verified');
  },
);

test(
  'a world of today cannot say that it is still being brought up to date',
  { skip },
  async () => {
    const rows = new ForgedTable(database, 'world_usage');
    const [row] = rows.rows;
    for (const forged of [undefined, { ...row!, uptoSeq: 0, bytes: 0n }]) {
      await rows.exchange(row, forged);
      const verdict = await verify();
      await rows.exchange(forged, row);
      assert.ok(verdict.tag === 'broken');
      assert.equal(verdict.row?.table, 'world_usage');
    }
  },
);

test('an op outside of the history is found', { skip }, async () => {
  const rows = new ForgedTable(database, 'file_op');
  const row = rows.rows.findLast(({ kind }) => kind === 'edit')!;
  for (const opSeq of [0, row.opSeq + 1000]) {
    const added = { ...row, opSeq, opId: `${row.opId}x`, version: row.version + 1 };
    await rows.exchange(undefined, added);
    const verdict = await verify();
    await rows.exchange(added, undefined);
    assert.ok(verdict.tag === 'broken', `op ${opSeq}`);
    const found = { table: 'file_op', key: String(opSeq), column: undefined, what: 'added' };
    assert.deepEqual(verdict.row, found);
  }
});

test('the row is told to people and to programs, and no text of the world', { skip }, async () => {
  const rows = new ForgedTable(database, 'note');
  const row = rows.rows.at(-1)!;
  const forged = { ...row, text: 'a secret plan' };
  await rows.exchange(row, forged);
  const verdict = await verify();
  await rows.exchange(forged, row);
  const told: unknown[] = [];
  const terminal: Terminal = {
    line: (text) => told.push(text),
    json: (value) => told.push(value),
    note: (text) => told.push(text),
    progress: () => undefined,
  };
  assert.equal(showVerdict(terminal, verdict), EXIT.failed);
  const { noteId } = row;
  const found = { table: 'note', key: String(noteId), column: 'text', what: 'differs' };
  const [json, line] = told as [{ readonly verdict: { readonly row: unknown } }, string];
  assert.deepEqual(json.verdict.row, found);
  const why = 'it is not what the history makes of it';
  assert.equal(line, `does not verify: table note, row ${noteId}, column text: ${why}`);
  assert.doesNotMatch(JSON.stringify(told), /secret|done/);
});

function verify(answerBytes = 1_000_000): Promise<WorldVerdict> {
  const world = { server: 'embedded', database: name };
  return verifyWorld({ session, world, worlds, bundle, answerBytes });
}

/** One whose forging does not end the session that verifies. */
function rowToForge(table: TableName, rows: Row<TableName>[], column: string): Row<TableName> {
  if (table === 'workspace_member') {
    return rows.find((row) => spelled(value(row, 'identity')) !== session.identity)!;
  }
  const isText = column === 'text' || column === 'hash';
  if (table === 'content_chunk') {
    return rows.find((row) => (value(row, 'text') !== undefined) === isText)!;
  }
  // The newest op that is missing is told of the head.
  const middle = Math.floor(rows.length / 2);
  if (table === 'file_op') return rows.find((row) => value(row, 'opSeq') === middle)!;
  return rows[middle]!;
}

function forgedValue(column: string, before: unknown): unknown {
  if (before !== undefined && !Array.isArray(before)) return otherValue(before);
  if (Array.isArray(before) && before.length > 0) return before.slice(1);
  if (column === 'changes') return [ZERO_CHANGE];
  if (column === 'parts' || column === 'capabilities' || column === 'pathScope') return ['x'];
  if (column === 'overlaps' || column === 'overwrote' || column === 'overlapping') return [1];
  if (['removedAt', 'resolvedAt', 'answeredAt', 'endedAt'].includes(column))
    return new Timestamp(1n);
  if (column === 'resolvedBy' || column === 'answeredBy' || column === 'to')
    return new Identity(1n);
  return 'x';
}

const ZERO_CHANGE = { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0, text: 'x' };

function value(row: Row<TableName>, column: string): unknown {
  return (row as unknown as Record<string, unknown>)[column];
}

function spelled(key: unknown): string {
  return key instanceof Identity ? key.toHexString() : String(key);
}
