import assert from 'node:assert/strict';
import { callMessage, queryMessage, subscribeMessage } from './client-messages.ts';
import { newIdentity } from './engine-http.ts';
import { rule, type RuleGroup } from './rule.ts';

/**
 * How many wait depends on how quick a server is, so it holds for certain only of an embedded host that
 * is told to be as strict.
 */
export const FLOOD_RULE = rule(
  'who has more than 16,384 requests waiting is cut off',
  async (probe) => {
    const database = await probe.newDatabase();
    const flooder = await probe.connectFrames(database);
    const other = await probe.connectFrames(database);
    for (let index = 0; index < 40_000; index++) flooder.send(queryMessage('SELECT * FROM note'));
    assert.deepEqual(await flooder.ended, { code: 1013, reason: 'too many requests' });
    await other.subscribe('SELECT * FROM note');
  },
  {
    embedded: 'who sends too far ahead waits there',
    spacetimedb: 'a quick server has answered before there are so many',
  },
);

/** Where a server lets a client go, and what it does not even begin to answer. */
export const limitRules: RuleGroup = {
  subject: 'limits of a connection',
  rules: [
    rule(
      'a client that is not let in finds the door open, and is dropped without a word',
      async (probe) => {
        const database = await probe.newDatabase();
        const banned = await newIdentity(probe.uri);
        assert.equal((await probe.call(database, 'ban', `0x${banned.identity}`)).status, 200);
        const client = await probe.connectFrames(database, banned.token);
        assert.deepEqual(await client.ended, { code: 1006, reason: '' });
        assert.deepEqual([client.hasOpened, client.frames.length], [true, 0]);
      },
    ),

    rule('a message above 32 MiB ends the connection without a reason', async (probe) => {
      const client = await probe.connectFrames(await probe.newDatabase());
      client.send(callMessage('add_note', Buffer.alloc(32 * 1024 * 1024)));
      assert.deepEqual(await client.ended, { code: 1006, reason: '' });
    }),

    FLOOD_RULE,

    rule(
      'a query above 50,000 characters is refused, and the connection goes on',
      async (probe) => {
        const database = await probe.newDatabase();
        const client = await probe.connectFrames(database);
        const condition = (length: number) => `slug = '${'x'.repeat(length)}'`;
        const query = (length: number) => `SELECT * FROM note WHERE ${condition(length)}`;
        const room = 50_000 - query(0).length;
        for (const [length, tag] of [
          [room, SUBSCRIBED],
          [room + 1, SUBSCRIPTION_ERROR],
        ] as const) {
          const other = await probe.connectFrames(database);
          await other.subscribe(query(length));
          assert.equal(other.frames.at(-1)?.[1], tag, `${length}`);
        }
        await client.subscribe('SELECT * FROM note');
        assert.equal(client.frames.at(-1)?.[1], SUBSCRIBED);
      },
    ),

    rule('a database that is deleted closes its connections', async (probe) => {
      const database = await probe.newDatabase();
      const client = await probe.connectFrames(database);
      assert.equal((await probe.remove(database)).status, 200);
      assert.equal((await client.ended).code, 1001);
    }),

    rule('a row that is written again as it was is no news to anybody', async (probe) => {
      const database = await probe.newDatabase();
      const client = await probe.connectFrames(database);
      client.send(subscribeMessage('SELECT * FROM note', 'SELECT * FROM bare'));
      await client.until((message) => message[1] === SUBSCRIBED);
      await probe.call(database, 'add_note', 'same', 'inbox', 0, 'text');
      await probe.call(database, 'add_bare', 'same', 1);
      await probe.call(database, 'touch_note', 'same');
      await probe.call(database, 'edit_note', 'same', 'inbox', 'text');
      await probe.call(database, 'add_bare', 'same', 1);
      await probe.call(database, 'add_note', 'the last', 'inbox', 0, '');
      await client.until((message) => message.includes('the last'));
      const updates = client.frames.filter((message) => message[1] === UPDATE);
      assert.equal(updates.length, 3);
    }),
  ],
};

const SUBSCRIBED = 1;
const SUBSCRIPTION_ERROR = 3;
const UPDATE = 4;
