// Where a server lets a client go, and what it does not even begin to answer.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test, type TestContext } from 'node:test';
import { callMessage, queryMessage, subscribeMessage } from '../harness/raw-client.ts';
import { FrameClient } from '../harness/frame-client.ts';
import {
  bundleModule,
  callReducer,
  newIdentity,
  openTestServer,
  publish,
  type Owner,
  type TestServer,
} from './engine-harness.ts';

let server: TestServer;
let owner: Owner;
let source: string;

before(async () => {
  server = await openTestServer({ engine: { limits: { queuedFrames: 16_384 } } });
  owner = await newIdentity(server.uri);
  source = await bundleModule();
});
after(() => server.close());

async function newDatabase(): Promise<string> {
  const name = `limits-${randomBytes(8).toString('hex')}`;
  const response = await publish(server.uri, name, owner.token, source);
  assert.equal(response.status, 200, await response.clone().text());
  return name;
}

async function connect(t: TestContext, database: string, token?: string): Promise<FrameClient> {
  const client = await FrameClient.connect(server.uri, database, token);
  t.after(() => client.close());
  return client;
}

const call = (database: string, reducer: string, ...args: readonly unknown[]) =>
  callReducer(server.uri, database, { token: owner.token, reducer, args });

test('a client that is not let in finds the door open, and is dropped without a word', async (t) => {
  const database = await newDatabase();
  const banned = await newIdentity(server.uri);
  assert.equal((await call(database, 'ban', `0x${banned.identity}`)).status, 200);
  const client = await connect(t, database, banned.token);
  assert.deepEqual(await client.ended, { code: 1006, reason: '' });
  assert.deepEqual([client.hasOpened, client.frames.length], [true, 0]);
});

test('a message above 32 MiB ends the connection without a reason', async (t) => {
  const client = await connect(t, await newDatabase());
  client.send(callMessage('add_note', Buffer.alloc(32 * 1024 * 1024)));
  assert.deepEqual(await client.ended, { code: 1006, reason: '' });
});

test('who has more than 16,384 requests waiting is cut off', async (t) => {
  // How many wait depends on how quick a server is: only of this host is it known.
  if (server.embedded === null)
    return t.skip('a quick server has answered before there are so many');
  const database = await newDatabase();
  const [flooder, other] = [await connect(t, database), await connect(t, database)];
  for (let index = 0; index < 40_000; index++) flooder.send(queryMessage('SELECT * FROM note'));
  assert.deepEqual(await flooder.ended, { code: 1013, reason: 'too many requests' });
  await other.subscribe('SELECT * FROM note');
});

test('a query above 50,000 characters is refused, and the connection goes on', async (t) => {
  const database = await newDatabase();
  const client = await connect(t, database);
  const condition = (length: number) => `slug = '${'x'.repeat(length)}'`;
  const query = (length: number) => `SELECT * FROM note WHERE ${condition(length)}`;
  const room = 50_000 - query(0).length;
  for (const [length, tag] of [
    [room, SUBSCRIBED],
    [room + 1, SUBSCRIPTION_ERROR],
  ] as const) {
    const other = await connect(t, database);
    await other.subscribe(query(length));
    assert.equal(other.frames.at(-1)?.[1], tag, `${length}`);
  }
  await client.subscribe('SELECT * FROM note');
  assert.equal(client.frames.at(-1)?.[1], SUBSCRIBED);
});

test('a database that is deleted closes its connections', async (t) => {
  const database = await newDatabase();
  const client = await connect(t, database);
  const deleted = await fetch(`${server.uri}v1/database/${database}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${owner.token}` },
  });
  assert.equal(deleted.status, 200);
  assert.equal((await client.ended).code, 1001);
});

test('a row that is written again as it was is no news to anybody', async (t) => {
  const database = await newDatabase();
  const client = await connect(t, database);
  client.send(subscribeMessage('SELECT * FROM note', 'SELECT * FROM bare'));
  await client.until((message) => message[1] === SUBSCRIBED);
  await call(database, 'add_note', 'same', 'inbox', 0, 'text');
  await call(database, 'add_bare', 'same', 1);
  await call(database, 'touch_note', 'same');
  await call(database, 'edit_note', 'same', 'inbox', 'text');
  await call(database, 'add_bare', 'same', 1);
  await call(database, 'add_note', 'the last', 'inbox', 0, '');
  await client.until((message) => message.includes('the last'));
  const updates = client.frames.filter((message) => message[1] === UPDATE);
  assert.equal(updates.length, 3);
});

const SUBSCRIBED = 1;
const SUBSCRIPTION_ERROR = 3;
const UPDATE = 4;
