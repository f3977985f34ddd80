import assert from 'node:assert/strict';
import { Identity, Timestamp } from 'spacetimedb';
import { subscribe, until } from './note-client.ts';
import { note, slugs, textOf } from './note-rows.ts';
import { rule, type RuleGroup } from './rule.ts';

export const reducerRules: RuleGroup = {
  subject: 'reducers',
  rules: [
    rule('a caller sees its own rows when the call resolves', async (probe) => {
      const client = await probe.connect(await probe.newDatabase());
      await subscribe(client, 'SELECT * FROM note');
      await client.connection.reducers.addNote(note('one', 'inbox', -3, 'grüße 🎉'));
      const [row] = [...client.connection.db.note.iter()];
      assert.deepEqual(row, { id: 1n, ...note('one', 'inbox', -3, 'grüße 🎉') });
    }),

    rule('a SenderError reaches the caller, and nothing of the call remains', async (probe) => {
      const client = await probe.connect(await probe.newDatabase());
      await assert.rejects(client.connection.reducers.refuse({ slug: 'gone' }), {
        name: 'SenderError',
        message: 'refused: on purpose',
      });
      await client.connection.reducers.addNote(note('gone'));
      await subscribe(client, 'SELECT * FROM note');
      assert.deepEqual(slugs(client), ['gone']);
    }),

    rule(
      'any other error is an internal one, tells nothing, and rolls back everything',
      async (probe) => {
        const client = await probe.connect(await probe.newDatabase());
        await subscribe(client, 'SELECT * FROM note');
        await client.connection.reducers.addNotes({ prefix: 'kept', count: 20 });
        const error = await client.connection.reducers
          .panic({ slug: 'gone' })
          .catch((error: unknown) => error);
        assert.equal((error as Error).name, 'InternalError');
        assert.doesNotMatch((error as Error).message, /a bug/);
        assert.equal(client.connection.db.note.count(), 20n);
        const fresh = await probe.connect(client.database);
        await subscribe(fresh, 'SELECT * FROM note');
        assert.deepEqual(slugs(fresh), slugs(client));
        await client.connection.reducers.addNote(note('gone'));
      },
    ),

    rule(
      'unknown reducers, private ones and malformed arguments fail their call only',
      async (probe) => {
        const client = await probe.connect(await probe.newDatabase());
        const { connection } = client;
        await assert.rejects(connection.reducers.missing({}));
        await assert.rejects(connection.reducers.ring({}));
        await assert.rejects(connection.callReducer('on_connect', new Uint8Array()));
        await assert.rejects(connection.callReducer('add_note', Uint8Array.of(9, 0, 0, 0, 1)));
        await connection.reducers.addNote(note('still-served'));
      },
    ),

    rule('a unique violation can be caught, and the transaction goes on', async (probe) => {
      const client = await probe.connect(await probe.newDatabase());
      await subscribe(client, 'SELECT * FROM note');
      await client.connection.reducers.addNote(note('taken'));
      await assert.rejects(client.connection.reducers.addNote(note('taken')));
      await client.connection.reducers.addNoteAnyway(note('taken'));
      assert.deepEqual(slugs(client), ['taken', 'taken-again']);
      assert.equal(await textOf(client, 'taken-again'), 'UniqueAlreadyExists');
    }),

    rule('auto-increment numbers are given once, also over failed calls', async (probe) => {
      const client = await probe.connect(await probe.newDatabase());
      await subscribe(client, 'SELECT * FROM note');
      await client.connection.reducers.addNotes({ prefix: 'a', count: 5 });
      await assert.rejects(client.connection.reducers.refuse({ slug: 'x' }));
      await client.connection.reducers.addNotes({ prefix: 'b', count: 5 });
      const ids = [...client.connection.db.note.iter()].map((row) => row.id);
      assert.equal(new Set(ids).size, 10);
      assert.ok(ids.every((id) => id > 0n));
    }),

    rule(
      'scans: a range after a prefix, a prefix alone, a whole key, everything',
      async (probe) => {
        const client = await probe.connect(await probe.newDatabase());
        const { reducers } = client.connection;
        for (const rank of [5, -2, 3, 0, 9]) await reducers.addNote(note(`n${rank}`, 'f', rank));
        await reducers.addNote(note('other', 'g', 3));
        await reducers.scan({ folder: 'f', from: -2, to: 5 });
        const [range, prefix, point, ...counts] = (
          (await textOf(client, 'scan f -2 5')) ?? ''
        ).split(' | ');
        assert.equal(range, '-2,0,3');
        assert.deepEqual(prefix?.split(',').sort(), ['-2', '0', '3', '5', '9']);
        assert.equal(point, '-2');
        assert.deepEqual(counts, ['6', '6']);
      },
    ),

    rule('large scans come whole, over many buffers', async (probe) => {
      const client = await probe.connect(await probe.newDatabase());
      await client.connection.reducers.addNotes({ prefix: 'many', count: 3000 });
      await client.connection.reducers.scan({ folder: 'many', from: 0, to: 3000 });
      const text = (await textOf(client, 'scan many 0 3000')) ?? '';
      assert.deepEqual(text.split(' | ')[0]?.split(','), range(3000).map(String));
      await client.connection.reducers.removeFolder({ folder: 'many' });
      await subscribe(client, 'SELECT * FROM note');
      assert.deepEqual(slugs(client), ['scan many 0 3000']);
    }),

    rule('every kind of column arrives as it was sent', async (probe) => {
      const client = await probe.connect(await probe.newDatabase());
      await subscribe(client, 'SELECT * FROM numbers');
      const row = {
        big: 2n ** 64n - 1n,
        signed: -(2n ** 63n),
        wide: 2n ** 127n + 5n,
        fraction: -1.5e300,
        flag: true,
        who: Identity.fromString(client.identity),
        at: new Timestamp(1_700_000_000_123_456n),
        bytes: Uint8Array.of(0, 255, 128),
        maybe: undefined,
      };
      await client.connection.reducers.putNumber(row);
      assert.deepEqual([...client.connection.db.numbers.iter()], [row]);
      await client.connection.reducers.putNumber({ ...row, maybe: 'some', flag: false });
      assert.deepEqual(
        [...client.connection.db.numbers.iter()].map((each) => [each.maybe, each.flag]),
        [['some', false]],
      );
    }),

    rule('a table without keys is a set of rows', async (probe) => {
      const client = await probe.connect(await probe.newDatabase());
      await subscribe(client, 'SELECT * FROM bare');
      const { reducers, db } = client.connection;
      await reducers.addBare({ text: 'a', count: 1 });
      await reducers.addBare({ text: 'a', count: 1 });
      await reducers.addBare({ text: 'a', count: 2 });
      assert.equal(db.bare.count(), 2n);
      await reducers.removeBare({ text: 'a', count: 1 });
      assert.deepEqual([...db.bare.iter()], [{ text: 'a', count: 2 }]);
    }),

    rule('procedures return values and see committed rows', async (probe) => {
      const client = await probe.connect(await probe.newDatabase());
      await client.connection.reducers.addNotes({ prefix: 'p', count: 7 });
      assert.equal(await client.connection.procedures.countNotes({ folder: 'p' }), 7);
    }),

    rule('calls over HTTP take JSON and run as the bearer', async (probe) => {
      const database = await probe.newDatabase();
      const client = await probe.connect(database);
      await subscribe(client, 'SELECT * FROM note');
      const call = (reducer: string, args: unknown) =>
        fetch(`${probe.uri}v1/database/${database}/call/${reducer}`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${probe.owner.token}`,
            'content-type': 'application/json',
          },
          body: JSON.stringify(args),
        });
      assert.equal((await call('add_note', ['http', 'f', -4, 'text'])).status, 200);
      await until(client, () => client.connection.db.note.count() === 1n);
      const refused = await call('refuse', ['x']);
      assert.equal(refused.status, 530);
      assert.match(await refused.text(), /refused: on purpose/);
      assert.equal((await call('add_note', ['too few'])).status, 400);
      assert.equal((await call('no_such', [])).status, 404);
    }),
  ],
};

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
