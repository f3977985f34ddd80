import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { NamedType } from '../../../src/host/bsatn/algebraic-type.ts';
import { BsatnReader } from '../../../src/host/bsatn/reader.ts';
import { BsatnWriter } from '../../../src/host/bsatn/writer.ts';
import type { Row } from '../../../src/host/datastore/row.ts';
import { TableSchema, type Bound } from '../../../src/host/datastore/table-schema.ts';
import { Table } from '../../../src/host/datastore/table.ts';
import { ConstraintError, Transaction } from '../../../src/host/datastore/transaction.ts';
import type { TableDef } from '../../../src/host/module-def.ts';

interface Item {
  readonly id: number;
  readonly slug: string;
  readonly folder: string;
  readonly rank: number;
}

const columns: NamedType[] = [
  { name: 'id', type: { tag: 'u64' } },
  { name: 'slug', type: { tag: 'string' } },
  { name: 'folder', type: { tag: 'string' } },
  { name: 'rank', type: { tag: 'i32' } },
];

function definition(keyed: boolean): TableDef {
  return {
    sourceName: 'item',
    name: 'item',
    columns,
    primaryKey: keyed ? [0] : [],
    indexes: [
      { sourceName: 'by_id', canonicalName: null, accessorName: null, columns: [0] },
      { sourceName: 'by_slug', canonicalName: null, accessorName: null, columns: [1] },
      { sourceName: 'by_folder', canonicalName: null, accessorName: null, columns: [2] },
      { sourceName: 'by_folder_rank', canonicalName: null, accessorName: null, columns: [2, 3] },
    ],
    uniqueConstraints: keyed ? [[0], [1]] : [],
    sequences: keyed ? [{ column: 0, start: null, max: null, increment: 1n }] : [],
    isPublic: true,
    isEvent: false,
    defaults: new Map(),
  };
}

const newTable = (keyed: boolean) => new Table(1, new TableSchema(definition(keyed), []));

function encode({ id, slug, folder, rank }: Item): Buffer {
  return new BsatnWriter()
    .u64FromNumber(id)
    .string(slug)
    .string(folder)
    .integer(BigInt(rank), 4)
    .take();
}

function decode(bytes: Buffer): Item {
  const reader = new BsatnReader(bytes);
  return {
    id: reader.u64AsNumber(),
    slug: reader.string(),
    folder: reader.string(),
    rank: Number(reader.integer(4, true)),
  };
}

/** The simplest thing a table could be: a list of rows, searched from end to end. */
class NaiveTable {
  items: readonly Item[] = [];
  readonly keyed: boolean;

  constructor(keyed: boolean) {
    this.keyed = keyed;
  }

  insert(item: Item): boolean {
    if (this.items.some((each) => same(each, item))) return true;
    const taken = (each: Item) => each.id === item.id || each.slug === item.slug;
    if (this.keyed && this.items.some(taken)) return false;
    this.items = [...this.items, item];
    return true;
  }

  update(item: Item): boolean {
    const before = this.items;
    const without = before.filter((each) => each.id !== item.id);
    if (without.length === before.length) return false;
    this.items = without;
    if (this.insert(item)) return true;
    this.items = before;
    return false;
  }

  delete(item: Item): void {
    this.items = this.items.filter((each) => !same(each, item));
  }
}

const same = (left: Item, right: Item) => encode(left).equals(encode(right));

const text = fc.constantFrom('', 'a', 'b', 'ab', 'a\0', 'a\0b', 'é', '\u{10000}', '\uffee');
const item = fc.record({
  id: fc.constantFrom(1, 2, 3, 4, 2 ** 33, 2 ** 52),
  slug: text,
  folder: text,
  rank: fc.constantFrom(-(2 ** 31), -7, -1, 0, 1, 9, 2 ** 31 - 1),
});

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('insert' as const), item }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('update' as const), item }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), item }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reinsert' as const), item }) },
);
const transactions = fc.array(
  fc.record({ steps: fc.array(step, { maxLength: 8 }), commits: fc.boolean() }),
  { maxLength: 12 },
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

function perform(table: Table, naive: NaiveTable, transaction: Transaction, { kind, item }: Step) {
  const present = table.byIdentity(table.identityOf(table.makeRow(encode(item))));
  const equal = present !== undefined && present.bytes.equals(encode(item)) ? present : undefined;
  switch (kind) {
    case 'insert':
      assert.equal(
        succeeds(() => transaction.insert(table, encode(item))),
        naive.insert(item),
      );
      return;
    case 'update': {
      const [byId] = table.indexes;
      assert.ok(byId);
      if (!byId.unique) return;
      const done = succeeds(() => transaction.update(table, byId, encode(item)));
      assert.equal(done, naive.update(item));
      return;
    }
    case 'delete':
      if (equal !== undefined) transaction.delete(table, equal);
      naive.delete(item);
      return;
    case 'reinsert':
      if (equal === undefined) return;
      transaction.delete(table, equal);
      transaction.insert(table, encode(item));
  }
}

function succeeds(write: () => unknown): boolean {
  try {
    write();
    return true;
  } catch (error) {
    assert.ok(error instanceof ConstraintError);
    return false;
  }
}

const sorted = (items: Iterable<Item>) => [...items].map((each) => JSON.stringify(each)).sort();
const rowsOf = (rows: Iterable<{ bytes: Buffer }>) => [...rows].map((row) => decode(row.bytes));

for (const keyed of [true, false]) {
  test(`a table ${keyed ? 'with' : 'without'} keys does what a list of rows would, over commits and rollbacks`, () => {
    fc.assert(
      fc.property(transactions, (all) => {
        const [table, naive] = [newTable(keyed), new NaiveTable(keyed)];
        for (const { steps, commits } of all) {
          const before = naive.items;
          const transaction = new Transaction();
          for (const each of steps) perform(table, naive, transaction, each);
          if (commits) expectNetChange(transaction, before, naive.items);
          else {
            transaction.rollback();
            naive.items = before;
          }
          expectSame(table, naive);
        }
      }),
      { numRuns: 500 },
    );
  });
}

/** What a commit reports, applied to what was before, gives what is now, with nothing to spare. */
function expectNetChange(
  transaction: Transaction,
  before: readonly Item[],
  after: readonly Item[],
) {
  const [change, ...others] = transaction.commit();
  assert.equal(others.length, 0);
  const gone = before.filter((item) => !after.some((each) => same(each, item)));
  const come = after.filter((item) => !before.some((each) => same(each, item)));
  assert.deepEqual(sorted(rowsOf(change?.deleted ?? [])), sorted(gone));
  assert.deepEqual(sorted(rowsOf(change?.inserted ?? [])), sorted(come));
}

function expectSame(table: Table, naive: NaiveTable): void {
  assert.equal(table.rowCount, naive.items.length);
  assert.deepEqual(sorted(rowsOf(table.allRows())), sorted(naive.items));
  const [, , byFolder, byFolderRank] = table.schema.indexes;
  assert.ok(byFolder && byFolderRank);
  for (const folder of ['', 'a', 'a\0', 'ab', '\u{10000}']) {
    const inFolder = naive.items.filter((each) => each.folder === folder);
    const point = new BsatnWriter().string(folder).take();
    const found: readonly Row[] =
      table.indexes[2]?.many(table.schema.pointKey(byFolder, point)) ?? [];
    assert.deepEqual(sorted(rowsOf(found)), sorted(inFolder));
    for (const [lower, upper] of rankBounds) {
      const range = table.schema.keyRange(byFolderRank, point, 1, bound(lower), bound(upper));
      const ranks = rowsOf(table.indexes[3]?.range(range) ?? []).map((each) => each.rank);
      const expected = inFolder
        .map((each) => each.rank)
        .filter((rank) => above(rank, lower) && below(rank, upper))
        .sort((left, right) => left - right);
      assert.deepEqual(ranks, expected);
    }
  }
}

type RankBound = { readonly rank: number; readonly open: boolean } | null;

const rankBounds: readonly (readonly [RankBound, RankBound])[] = [
  [null, null],
  [{ rank: -1, open: false }, null],
  [
    { rank: -1, open: true },
    { rank: 9, open: false },
  ],
  [null, { rank: 9, open: true }],
  [
    { rank: 5, open: false },
    { rank: 5, open: false },
  ],
];

const above = (rank: number, bound: RankBound) =>
  bound === null || (bound.open ? rank > bound.rank : rank >= bound.rank);
const below = (rank: number, bound: RankBound) =>
  bound === null || (bound.open ? rank < bound.rank : rank <= bound.rank);

function bound(given: RankBound): Bound {
  if (given === null) return { kind: 'unbounded' };
  const value = new BsatnWriter().integer(BigInt(given.rank), 4).take();
  return { kind: given.open ? 'excluded' : 'included', value };
}

test('strings are ordered by their UTF-8 bytes, as SpacetimeDB orders them', () => {
  const table = newTable(false);
  const transaction = new Transaction();
  const folders = ['b', 'a', 'ab', 'a\0', 'a\0b', '', 'é', '\u{10000}', '\uffee', 'B'];
  for (const [id, folder] of folders.entries()) {
    transaction.insert(table, encode({ id: id + 1, slug: 's', folder, rank: 0 }));
  }
  const bytewise = [...folders].sort((left, right) =>
    Buffer.compare(Buffer.from(left), Buffer.from(right)),
  );
  for (const position of [2, 3]) {
    const schema = table.schema.indexes[position];
    assert.ok(schema);
    const all = table.schema.keyRange(
      schema,
      Buffer.alloc(0),
      0,
      { kind: 'unbounded' },
      { kind: 'unbounded' },
    );
    const found = rowsOf(table.indexes[position]?.range(all) ?? []).map((each) => each.folder);
    assert.deepEqual(found, bytewise);
  }
});

test('an index built from many rows and one kept since the first agree', () => {
  const [early, late] = [newTable(true), newTable(true)];
  const schema = early.schema.indexes[0];
  assert.ok(schema);
  const everything = early.schema.keyRange(
    schema,
    Buffer.alloc(0),
    0,
    { kind: 'unbounded' },
    { kind: 'unbounded' },
  );
  early.indexes[0]?.range(everything);
  const ids = Array.from({ length: 3000 }, (_, index) => ((index * 7919) % 3001) + 1);
  for (const table of [early, late]) {
    const transaction = new Transaction();
    for (const id of ids) {
      transaction.insert(table, encode({ id, slug: `s${id}`, folder: 'f', rank: id }));
    }
    for (const row of table.allRows()) {
      if (decode(row.bytes).id % 3 === 0) transaction.delete(table, row);
    }
  }
  const wanted = ids.filter((id) => id % 3 !== 0).sort((left, right) => left - right);
  for (const table of [early, late]) {
    assert.deepEqual(
      rowsOf(table.indexes[0]?.range(everything) ?? []).map((each) => each.id),
      wanted,
    );
  }
});

test('auto-increment fills zeros only, and never gives a number twice', () => {
  const table = newTable(true);
  const insert = (transaction: Transaction, id: number, slug: string) =>
    decode(transaction.insert(table, encode({ id, slug, folder: '', rank: 0 })).bytes).id;
  const first = new Transaction();
  assert.equal(insert(first, 0, 'a'), 1);
  assert.equal(insert(first, 77, 'b'), 77);
  first.rollback();
  const second = new Transaction();
  assert.equal(insert(second, 0, 'a'), 2);
});

test('bytes that are no row are refused and change nothing', () => {
  const table = newTable(true);
  const whole = encode({ id: 1, slug: 'slug', folder: 'folder', rank: 1 });
  const broken = [whole.subarray(0, -1), Buffer.concat([whole, Buffer.of(0)]), Buffer.alloc(0)];
  for (const bytes of broken) {
    assert.throws(() => new Transaction().insert(table, Buffer.from(bytes)));
    assert.equal(table.rowCount, 0);
  }
});
