// What a database's module may be replaced by: without more, only when its clients are told to go, or
// never.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test, type TestContext } from 'node:test';
import {
  bundleSource,
  callReducer,
  newIdentity,
  openTestServer,
  prePublish,
  publish,
  queryRows,
  type Owner,
  type TestServer,
} from './engine-harness.ts';
import { FrameClient } from '../harness/frame-client.ts';

let server: TestServer;
let owner: Owner;

before(async () => {
  server = await openTestServer();
  owner = await newIdentity(server.uri);
});
after(() => server.close());

/** Parts of the module that the cases below replace. */
const PARTS = {
  item: `table({ name: 'item', public: true }, {
    id: t.u32().primaryKey(),
    label: t.string(),
    size: t.u32(),
  })`,
  secret: `table({ name: 'secret' }, { id: t.u32().primaryKey(), word: t.string() })`,
  sign: `table({ name: 'sign', public: true, event: true }, { text: t.string() })`,
  empty: `empty: table({ name: 'empty', public: true }, { id: t.u32().primaryKey() }),`,
  extra: '',
  reducers: `
    export const add = spacetimedb.reducer({ id: t.u32(), label: t.string() }, (ctx, { id, label }) => {
      ctx.db.item.insert({ id, label, size: id });
    });
    export const gone = spacetimedb.reducer({}, () => {});
  `,
};

const NEW_TABLE = `more: table({ name: 'more' }, { id: t.u32().primaryKey() }),`;

type Parts = Partial<typeof PARTS>;

function moduleOf(parts: Parts = {}): Promise<string> {
  const { item, secret, sign, empty, extra, reducers } = { ...PARTS, ...parts };
  return bundleSource(`
    import { schema, table, t } from 'spacetimedb/server';
    const spacetimedb = schema({
      item: ${item}, secret: ${secret}, sign: ${sign}, ${empty} ${extra}
    });
    export default spacetimedb;
    ${reducers}
  `);
}

/** A database of the module above with two items, and a client that watches them. */
async function opened(t: TestContext) {
  const name = `migrate-${randomBytes(8).toString('hex')}`;
  const answer = await publish(server.uri, name, owner.token, await moduleOf());
  assert.equal(answer.status, 200, await answer.text());
  const add = (id: number, label: string) =>
    callReducer(server.uri, name, { token: owner.token, reducer: 'add', args: [id, label] });
  await add(1, 'one');
  await add(2, 'two');
  const client = await FrameClient.connect(server.uri, name);
  t.after(() => client.close());
  await client.subscribe('SELECT * FROM item');
  const items = () => queryRows(server.uri, name, owner.token, 'SELECT * FROM item');
  return { name, add, client, items };
}

describe('without more, and clients stay connected', () => {
  const cases: readonly [what: string, parts: Parts][] = [
    ['a new table', { extra: NEW_TABLE }],
    ['a new index', { item: PARTS.item.replace('size: t.u32()', `size: t.u32().index('btree')`) }],
    [
      'a unique constraint that holds',
      { item: PARTS.item.replace('label: t.string()', 'label: t.string().unique()') },
    ],
    ['a removed reducer', { reducers: PARTS.reducers.replace(/export const gone.*\n/, '') }],
    [
      'changed arguments',
      {
        reducers: PARTS.reducers.replace(
          'gone = spacetimedb.reducer({}',
          'gone = spacetimedb.reducer({ more: t.u32() }',
        ),
      },
    ],
    ['public made private', { empty: PARTS.empty.replace(', public: true', '') }],
    [
      'private made public',
      { secret: PARTS.secret.replace(`'secret' }`, `'secret', public: true }`) },
    ],
  ];
  for (const [what, parts] of cases) {
    test(what, async (t) => {
      const { name, add, client, items } = await opened(t);
      const source = await moduleOf(parts);
      const { plan } = await prePublish(server.uri, name, owner.token, source);
      assert.equal(plan.AutoMigrate?.break_clients, false, JSON.stringify(plan));
      const answer = await publish(server.uri, name, owner.token, source);
      assert.equal(answer.status, 200, await answer.text());
      assert.equal((await add(3, 'three')).status, 200);
      await client.until((message) => message.includes('three'));
      assert.equal((await items()).length, 3);
      assert.equal(client.closed, null);
    });
  }
});

describe('only with the token, and then every connection is closed', () => {
  const withDefault = (table: string) => table.replace(/ ?\}\)$/, `, more: t.u32().default(7) })`);
  const cases: readonly [what: string, parts: Parts, rows?: readonly unknown[][]][] = [
    [
      'an appended column',
      {
        item: withDefault(PARTS.item.replace(/,\s*\}\)$/, ' })')),
        reducers: PARTS.reducers.replace('size: id', 'size: id, more: 8'),
      },
    ],
    ['an appended column of a private table', { secret: withDefault(PARTS.secret) }],
    ['a removed table', { empty: '' }],
    ['other columns of an event table', { sign: PARTS.sign.replace('t.string()', 't.u32()') }],
  ];
  for (const [what, parts] of cases) {
    test(what, async (t) => {
      const { name, add, client, items } = await opened(t);
      const before = await items();
      const source = await moduleOf(parts);
      const refused = await publish(server.uri, name, owner.token, source);
      assert.equal(refused.status, 400);
      assert.match(await refused.text(), /client-breaking change/);
      assert.equal(client.closed, null);
      const { plan } = await prePublish(server.uri, name, owner.token, source);
      assert.equal(plan.AutoMigrate?.break_clients, true, JSON.stringify(plan));
      const wrong = '&policy=BreakClients&token=0x1';
      assert.equal((await publish(server.uri, name, owner.token, source, wrong)).status, 400);
      const missing = '&policy=BreakClients';
      assert.equal((await publish(server.uri, name, owner.token, source, missing)).status, 400);
      const policy = `&policy=BreakClients&token=${encodeURIComponent(plan.AutoMigrate?.token ?? '')}`;
      const answer = await publish(server.uri, name, owner.token, source, policy);
      assert.equal(answer.status, 200, await answer.text());
      assert.deepEqual(await client.ended, { code: 1001, reason: 'module exited' });
      const kept = parts.item === undefined ? before : before.map((row) => [...row, 7]);
      assert.deepEqual(await items(), kept);
      assert.equal((await add(3, 'three')).status, 200);
    });
  }

  test('the token is for that module and no other', async (t) => {
    const { name } = await opened(t);
    const first = await moduleOf({ empty: '' });
    const second = await moduleOf({ empty: '', extra: NEW_TABLE });
    const { plan } = await prePublish(server.uri, name, owner.token, first);
    const policy = `&policy=BreakClients&token=${encodeURIComponent(plan.AutoMigrate?.token ?? '')}`;
    assert.equal((await publish(server.uri, name, owner.token, second, policy)).status, 400);
  });
});

describe('never', () => {
  const reordered = PARTS.item
    .replace('label: t.string(),', '')
    .replace('id: t', 'label: t.string(), id: t');
  const cases: readonly [what: string, parts: Parts, why: RegExp][] = [
    [
      'a changed type',
      { item: PARTS.item.replace('size: t.u32()', 'size: t.u64()'), reducers: '' },
      /type/i,
    ],
    ['another order', { item: reordered }, /order|moved/i],
    [
      'a removed column',
      { item: PARTS.item.replace('size: t.u32(),', ''), reducers: '' },
      /remov/i,
    ],
    [
      'a column without a default',
      { item: PARTS.item.replace(/,\s*\}\)$/, ', more: t.u32() })'), reducers: '' },
      /default/,
    ],
    ['another event flag', { sign: PARTS.sign.replace(', event: true', '') }, /event/i],
  ];
  for (const [what, parts, why] of cases) {
    test(what, async (t) => {
      const { name, client, items } = await opened(t);
      const source = await moduleOf(parts);
      const { plan } = await prePublish(server.uri, name, owner.token, source);
      assert.match(plan.ManualMigrate?.reason ?? '', why);
      const answer = await publish(server.uri, name, owner.token, source);
      assert.equal(answer.status, 400);
      assert.match(await answer.text(), /^Database update rejected/);
      assert.equal((await items()).length, 2);
      assert.equal(client.closed, null);
    });
  }

  test('a table with rows is not removed, nor made unique where rows are equal', async (t) => {
    const { name, add, items } = await opened(t);
    await add(3, 'two');
    const unique = await moduleOf({
      item: PARTS.item.replace('label: t.string()', 'label: t.string().unique()'),
    });
    const answer = await publish(server.uri, name, owner.token, unique);
    assert.equal(answer.status, 400);
    assert.match(await answer.text(), /^Failed to create or update the database/);
    const without = await moduleOf({ item: PARTS.item.replace(`name: 'item'`, `name: 'other'`) });
    const { plan } = await prePublish(server.uri, name, owner.token, without);
    const policy = `&policy=BreakClients&token=${encodeURIComponent(plan.AutoMigrate?.token ?? '')}`;
    const removal = await publish(server.uri, name, owner.token, without, policy);
    assert.equal(removal.status, 400);
    assert.match(await removal.text(), /Cannot remove table `item`/);
    assert.equal((await items()).length, 3);
  });
});

test('who does not own a database may not ask; of one that is not there nothing is said', async (t) => {
  const { name } = await opened(t);
  const source = await moduleOf();
  const stranger = await newIdentity(server.uri);
  assert.equal((await prePublish(server.uri, name, stranger.token, source)).status, 403);
  assert.equal((await prePublish(server.uri, `${name}-no`, owner.token, source)).status, 404);
});
