import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { NamedType } from '../../../src/host/bsatn/algebraic-type.ts';
import { BsatnReader } from '../../../src/host/bsatn/reader.ts';
import { BsatnWriter } from '../../../src/host/bsatn/writer.ts';
import type { TableDef } from '../../../src/host/module-def.ts';
import { TableSchema } from '../../../src/host/datastore/table-schema.ts';
import { Table } from '../../../src/host/datastore/table.ts';
import { Transaction } from '../../../src/host/datastore/transaction.ts';
import { planPointQuery, readPointQuery } from '../../../src/host/subscriptions/point-query.ts';
import { planQuery, type QueryPlan } from '../../../src/host/subscriptions/query-plan.ts';
import { SubscriptionSet } from '../../../src/host/subscriptions/subscription-set.ts';
import { parseQuery, QueryError } from '../../../src/host/subscriptions/sql.ts';

const sender = 'c2'.repeat(32);

const columns: NamedType[] = [
  { name: 'id', type: { tag: 'u32' } },
  { name: 'fileId', type: { tag: 'string' } },
  { name: 'version', type: { tag: 'i32' } },
  { name: 'done', type: { tag: 'bool' } },
  {
    name: 'owner',
    type: { tag: 'product', elements: [{ name: '__identity__', type: { tag: 'u256' } }] },
  },
  { name: 'turn', type: { tag: 'u32' } },
];

function newTable(): Table {
  const schema = new TableSchema(
    {
      sourceName: 'op',
      name: 'op',
      columns,
      primaryKey: [0],
      indexes: [
        { sourceName: 'by_id', canonicalName: null, accessorName: null, columns: [0] },
        { sourceName: 'by_file', canonicalName: null, accessorName: null, columns: [1, 2] },
        { sourceName: 'by_version', canonicalName: null, accessorName: null, columns: [2] },
        { sourceName: 'by_turn', canonicalName: null, accessorName: null, columns: [0, 5] },
        { sourceName: 'by_word', canonicalName: null, accessorName: null, columns: [1] },
      ],
      uniqueConstraints: [[0]],
      sequences: [],
      isPublic: true,
      isEvent: false,
      defaults: new Map(),
    },
    [],
  );
  return new Table(1, schema);
}

interface Op {
  readonly id: number;
  readonly fileId: string;
  readonly version: number;
  readonly done: boolean;
}

function encode({ id, fileId, version, done }: Op): Buffer {
  const writer = new BsatnWriter().u32(id).string(fileId).integer(BigInt(version), 4).bool(done);
  writer.integer(id % 2 === 0 ? BigInt(`0x${sender}`) : 5n, 32);
  return writer.u32(turnOf(id)).take();
}

function turnOf(id: number): number {
  return id % 3;
}

function idsOf(rows: Iterable<{ bytes: Buffer }>): number[] {
  return [...rows]
    .map((row) => new BsatnReader(row.bytes).u32())
    .sort((left, right) => left - right);
}

const plan = (table: Table, where: string) =>
  planQuery(parseQuery(`SELECT * FROM op WHERE ${where}`), table, sender);

/** A condition as the query language and as JavaScript say it. */
interface Condition {
  readonly sql: string;
  readonly holds: (op: Op) => boolean;
}

const COMPARE: Readonly<
  Record<string, (left: number | string, right: number | string) => boolean>
> = {
  '=': (left, right) => left === right,
  '<>': (left, right) => left !== right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '>': (left, right) => left > right,
  '<=': (left, right) => left <= right,
  '>=': (left, right) => left >= right,
};

const comparison = fc.constantFrom(...Object.keys(COMPARE));
const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .tuple(fc.constantFrom('id', 'version'), comparison, fc.integer({ min: -3, max: 12 }))
    .map(([column, symbol, value]) => ({
      sql: `${column} ${symbol} ${column === 'id' ? Math.abs(value) : value}`,
      holds: (op: Op) =>
        COMPARE[symbol]?.(
          column === 'id' ? op.id : op.version,
          column === 'id' ? Math.abs(value) : value,
        ) ?? false,
    })),
  fc.tuple(comparison, fc.constantFrom('a', 'b', "it's", '')).map(([symbol, value]) => ({
    sql: `'${value.replaceAll("'", "''")}' ${symbol} "op"."fileId"`,
    holds: (op: Op) => COMPARE[symbol]?.(value, op.fileId) ?? false,
  })),
  fc.boolean().map((value) => ({ sql: `done = ${value}`, holds: (op: Op) => op.done === value })),
  fc.constant({ sql: 'owner = :sender', holds: (op: Op) => op.id % 2 === 0 }),
);

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { weight: 3, arbitrary: leaf },
    {
      weight: 2,
      arbitrary: fc
        .tuple(tie('condition'), fc.boolean(), tie('condition'))
        .map(([left, both, right]) => ({
          sql: `(${left.sql}) ${both ? 'AND' : 'or'} (${right.sql})`,
          holds: (op: Op) =>
            both ? left.holds(op) && right.holds(op) : left.holds(op) || right.holds(op),
        })),
    },
  ),
}));

const ops = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 0, max: 12 }),
    fileId: fc.constantFrom('a', 'b', "it's", ''),
    version: fc.integer({ min: -3, max: 12 }),
    done: fc.boolean(),
  }),
  { selector: (op) => op.id, maxLength: 13 },
);

test('a query finds the rows its condition holds for, whatever index it goes by', () => {
  fc.assert(
    fc.property(ops, condition, (all, { sql, holds }) => {
      const table = newTable();
      const transaction = new Transaction();
      for (const op of all) transaction.insert(table, encode(op));
      const expected = all.filter(holds).map((op) => op.id);
      assert.deepEqual(
        idsOf(plan(table, sql).rows()),
        expected.sort((left, right) => left - right),
      );
    }),
    { numRuns: 1000 },
  );
});

test('a query for what an index has is planned in short as it is at length', () => {
  const name = fc.constantFrom('id', 'turn', 'fileId', 'file_id', 'version', 'done', 'nothing');
  const value = fc.oneof(
    fc.integer({ min: 0, max: 12 }).map(String),
    fc.constantFrom("'a'", "'b'", "''", "'it''s'", '4294967296', '1234567890123', '-1', 'true'),
  );
  const test = fc.tuple(name, value).map(([column, literal]) => `${column} = ${literal}`);
  const where = fc.oneof(
    test,
    fc.tuple(test, test).map((both) => both.join(' AND ')),
    fc.integer({ min: 0, max: 12 }).map((id) => `id = ${id} AND turn = ${turnOf(id)}`),
  );
  const short = new Set<string>();
  fc.assert(
    fc.property(ops, where, (all, sql) => {
      const table = newTable();
      const transaction = new Transaction();
      for (const op of all) transaction.insert(table, encode(op));
      const point = readPointQuery(`SELECT * FROM op WHERE ${sql}`);
      const planned = point && planPointQuery(point, table);
      if (!planned) return;
      short.add(sql.replaceAll(/\d+|'\w*'/g, '?'));
      const full = plan(table, sql);
      assert.equal(planned.fingerprint, full.fingerprint);
      assert.deepEqual(planned.equalities, full.equalities);
      assert.deepEqual(new Set(planned.rows()), new Set(full.rows()));
      for (const row of table.allRows()) assert.equal(planned.matches(row), full.matches(row));
    }),
    { numRuns: 2000 },
  );
  const shapes = ['id = ?', 'id = ? AND turn = ?', 'fileId = ?', 'file_id = ?'];
  assert.deepEqual([...short].sort(), shapes.sort());
});

test('the changes a subscription hears of keep its rows equal to what its query finds', () => {
  const edits = fc.array(fc.tuple(ops, fc.array(fc.integer({ min: 0, max: 12 }))), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(edits, fc.array(condition, { minLength: 1, maxLength: 4 }), (all, conditions) => {
      const table = newTable();
      const subscriptions = new SubscriptionSet<string>();
      const plans = conditions.map(({ sql }) => plan(table, sql));
      for (const [id, each] of plans.entries()) subscriptions.add('client', id, [asked(each)]);
      const seen = plans.map(() => new Set<number>());
      for (const [upserts, removals] of all) {
        const changes = edit(table, upserts, removals);
        for (const { querySetId, tableUpdates } of subscriptions
          .updatesFor(changes)
          .get('client') ?? []) {
          for (const update of tableUpdates) apply(seen[querySetId] ?? new Set(), update);
        }
        for (const [id, each] of plans.entries()) {
          assert.deepEqual(
            [...(seen[id] ?? [])].sort((left, right) => left - right),
            idsOf(each.rows()),
          );
        }
      }
      for (const id of plans.keys()) subscriptions.remove('client', id);
      assert.equal(subscriptions.planCount('client'), 0);
    }),
    { numRuns: 300 },
  );
});

function edit(table: Table, upserts: readonly Op[], removals: readonly number[]) {
  const transaction = new Transaction();
  const [byId] = table.indexes;
  assert.ok(byId);
  for (const op of upserts) {
    if (byId.one(op.id) === undefined) transaction.insert(table, encode(op));
    else transaction.update(table, byId, encode(op));
  }
  for (const id of removals) {
    const row = byId.one(id);
    if (row !== undefined) transaction.delete(table, row);
  }
  return transaction.commit();
}

/** Plays an encoded table update into a set of ids, deletions first as a client's cache counts. */
function apply(ids: Set<number>, update: Buffer): void {
  const reader = new BsatnReader(update);
  assert.equal(reader.string(), 'op');
  assert.equal(reader.u32(), 1);
  assert.equal(reader.u8(), 0);
  const inserted = rowIds(reader);
  for (const id of rowIds(reader)) assert.ok(ids.delete(id), `row ${id} was not there`);
  for (const id of inserted) {
    assert.ok(!ids.has(id), `row ${id} is there already`);
    ids.add(id);
  }
  assert.equal(reader.remaining, 0);
}

function rowIds(reader: BsatnReader): number[] {
  assert.equal(reader.u8(), 1, 'rows of different sizes are split by offsets');
  const offsets = reader.array(() => reader.u64AsNumber());
  const rows = reader.bytes();
  return offsets.map((offset) => rows.readUInt32LE(offset));
}

const asked = (plan: QueryPlan) => ({ text: '', plan });

test('two subscribers to one query share it, and each hears of a change once', () => {
  const table = newTable();
  const subscriptions = new SubscriptionSet<string>();
  subscriptions.add('first', 1, [asked(plan(table, 'version > 3'))]);
  subscriptions.add('second', 9, [
    asked(plan(table, 'version  >  3')),
    asked(plan(table, 'id = 1')),
  ]);
  const changes = edit(table, [{ id: 1, fileId: 'a', version: 4, done: false }], []);
  const updates = subscriptions.updatesFor(changes);
  const [first] = updates.get('first') ?? [];
  const [second, ...more] = updates.get('second') ?? [];
  assert.equal(first?.querySetId, 1);
  assert.equal(second?.querySetId, 9);
  assert.equal(second?.tableUpdates.length, 2, 'once for each of its queries');
  assert.equal(second?.tableUpdates[0], first?.tableUpdates[0], 'encoded once');
  assert.deepEqual(more, []);
  subscriptions.removeAll('second');
  const later = edit(table, [{ id: 2, fileId: 'a', version: 5, done: false }], []);
  assert.deepEqual([...subscriptions.updatesFor(later).keys()], ['first']);
});

test('columns answer to the name the module gives them and to the canonical one', () => {
  const table = newTable();
  edit(table, [{ id: 1, fileId: 'a', version: 4, done: false }], []);
  for (const name of ['fileId', 'file_id', '"fileId"', 'op.fileId', '"op"."file_id"']) {
    assert.deepEqual(idsOf(plan(table, `${name} = 'a'`).rows()), [1], name);
  }
  const aliased = planQuery(
    parseQuery("SELECT o.* FROM op AS o WHERE o.fileId = 'a';"),
    table,
    sender,
  );
  assert.deepEqual(idsOf(aliased.rows()), [1]);
});

test('what cannot be answered is a query error that says why', () => {
  const table = newTable();
  const cases: [string, RegExp][] = [
    ['SELECT * FROM op WHERE id = 1 extra', /unexpected `extra`/],
    ['SELECT id FROM op', /whole rows/],
    ['SELECT * FROM op JOIN other ON op.id = other.id', /joins/],
    ['SELECT * FROM op WHERE NOT done = true', /unexpected/],
    ['SELECT * FROM op WHERE id IN (1, 2)', /unexpected/],
    ['SELECT * FROM op ORDER BY id', /unexpected/],
    ['SELECT * FROM op LIMIT 3', /unexpected/],
    ['SELECT * FROM op WHERE 1 = 1', /needs a column/],
    ['SELECT * FROM op WHERE other.id = 1', /not in scope/],
    ['SELECT * FROM op WHERE missing = 1', /does not have a field `missing`/],
    ['SELECT * FROM op WHERE id = 4294967296', /cannot be parsed/],
    ['SELECT * FROM op WHERE id = 1.5', /cannot be parsed/],
    ['SELECT * FROM op WHERE owner = 0x12', /cannot be parsed/],
    ['SELECT * FROM op WHERE id = version', /differ in type/],
    ['SELECT * FROM op WHERE id = "unclosed', /unexpected character/],
    [`SELECT * FROM op WHERE ${'('.repeat(10_000)}id = 1`, /too deep/],
    [`SELECT * FROM op WHERE ${'id = 1 AND '.repeat(2000)}id = 1`, /too many/],
    [`SELECT * FROM op WHERE id = 1${' '.repeat(50_000)}`, /too long/],
    [`SELECT * FROM op WHERE fileId = '${'ü'.repeat(25_000)}'`, /too long/],
  ];
  for (const [text, reason] of cases) {
    const answer = () => planQuery(parseQuery(text), table, sender);
    assert.throws(
      answer,
      (error) => error instanceof QueryError && reason.test(error.message),
      text.slice(0, 100),
    );
  }
});

test('a literal is written as SpacetimeDB reads it for the type of its column', () => {
  const wrapped = (name: string, tag: 'u128' | 'u256'): NamedType['type'] => ({
    tag: 'product',
    elements: [{ name, type: { tag } }],
  });
  const option: NamedType['type'] = {
    tag: 'sum',
    variants: [
      { name: 'some', type: { tag: 'u32' } },
      { name: 'none', type: { tag: 'product', elements: [] } },
    ],
  };
  const columns: NamedType[] = [
    { name: 'who', type: wrapped('__identity__', 'u256') },
    { name: 'place', type: wrapped('__connection_id__', 'u128') },
    { name: 'large', type: { tag: 'u256' } },
    { name: 'bytes', type: { tag: 'array', element: { tag: 'u8' } } },
    { name: 'maybe', type: option },
    { name: 'other', type: option },
    {
      name: 'wrapper',
      type: { tag: 'product', elements: [{ name: 'in', type: { tag: 'string' } }] },
    },
  ];
  const table = new Table(1, new TableSchema(literalTable(columns), []));
  const identity = 'ab'.repeat(32);
  const isTaken: readonly [condition: string, taken: boolean][] = [
    [`who = 0x${identity}`, true],
    [`who = X'${identity}'`, true],
    [`who = '${identity}'`, true],
    [`who = '0x${identity}'`, true],
    [`who = 0x${identity.slice(2)}`, false],
    [`who = 12`, false],
    [`who = :sender`, true],
    [`place = 0x${identity.slice(32)}`, true],
    [`place = :sender`, false],
    [`large = 12`, true],
    [`large = 0x${identity}`, false],
    [`large = :sender`, false],
    [`who = large`, false],
    [`bytes = 0xabcd`, true],
    [`bytes <> X''`, true],
    [`maybe = 1`, false],
    [`maybe = other`, false],
    [`wrapper = 'text'`, false],
  ];
  for (const [condition, taken] of isTaken) {
    const answer = () => planQuery(parseQuery(`SELECT * FROM t WHERE ${condition}`), table, sender);
    if (taken) assert.doesNotThrow(answer, condition);
    else assert.throws(answer, QueryError, condition);
  }
});

function literalTable(columns: readonly NamedType[]): TableDef {
  return {
    sourceName: 't',
    name: 't',
    columns,
    primaryKey: [],
    indexes: [],
    uniqueConstraints: [],
    sequences: [],
    isPublic: true,
    isEvent: false,
    defaults: new Map(),
  };
}

test('any text at all is parsed or refused, never anything worse', () => {
  const words = fc.constantFrom(
    'SELECT',
    '*',
    'FROM',
    'op',
    'WHERE',
    'id',
    '=',
    '1',
    '(',
    ')',
    "'",
    '"',
    ' ',
    '.',
    ':',
    '0x',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(words).map((parts) => parts.join(' ')),
  );
  fc.assert(
    fc.property(text, (query) => {
      try {
        planQuery(parseQuery(query), newTable(), sender);
      } catch (error) {
        assert.ok(error instanceof QueryError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});
