// What our module and our clients rely on, of whichever engine serves them. Runs against the
// embedded host, or against the SpacetimeDB server that AGENT_WORLD_TEST_SERVER names.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test, type TestContext } from 'node:test';
import { Identity, Timestamp } from 'spacetimedb';
import {
  bundleModule,
  connectNotes,
  newIdentity,
  openTestServer,
  publish,
  subscribe,
  until,
  type NoteClient,
  type Owner,
  type TestServer,
} from './engine-harness.ts';

let server: TestServer;
let owner: Owner;
let source: string;

before(async () => {
  server = await openTestServer();
  owner = await newIdentity(server.uri);
  source = await bundleModule();
});
after(() => server.close());

/** Publishes a new database and returns its name. */
async function newDatabase(): Promise<string> {
  const name = `notes-${randomBytes(8).toString('hex')}`;
  const response = await publish(server.uri, name, owner.token, source);
  assert.equal(response.status, 200, await response.clone().text());
  return name;
}

async function connect(t: TestContext, database: string, token?: string): Promise<NoteClient> {
  const client = await connectNotes(server.uri, database, token);
  t.after(() => client.close());
  return client;
}

const note = (slug: string, folder = 'inbox', rank = 0, text = '') => ({
  slug,
  folder,
  rank,
  text,
});

const slugs = (client: NoteClient) =>
  [...client.connection.db.note.iter()].map((row) => row.slug).sort();

async function textOf(client: NoteClient, slug: string): Promise<string | undefined> {
  await subscribe(client, `SELECT * FROM note WHERE slug = '${slug}'`);
  return [...client.connection.db.note.iter()].find((row) => row.slug === slug)?.text;
}

describe('connections', () => {
  test('a client without a token gets an identity, and the token brings it back', async (t) => {
    const database = await newDatabase();
    const first = await connect(t, database);
    assert.match(first.identity, /^c200[0-9a-f]{60}$/);
    const again = await connect(t, database, first.token);
    assert.equal(again.identity, first.identity);
    assert.notEqual(
      again.connection.connectionId.toHexString(),
      first.connection.connectionId.toHexString(),
    );
    const other = await connect(t, database);
    assert.notEqual(other.identity, first.identity);
  });

  test('lifecycle reducers run once each, with the identity and the connection', async (t) => {
    const database = await newDatabase();
    const watcher = await connect(t, database);
    await subscribe(watcher, 'SELECT * FROM visit');
    const client = await connectNotes(server.uri, database);
    const { connectionId } = client.connection;
    await client.connection.reducers.setPresence({ text: 'here' });
    await client.close();
    const visits = () =>
      [...watcher.connection.db.visit.iter()].filter((visit) =>
        visit.identity.isEqual(Identity.fromString(client.identity)),
      );
    await until(watcher, () => visits().length >= 2);
    await subscribe(watcher, 'SELECT * FROM presence');
    assert.deepEqual(
      visits()
        .sort((left, right) => Number(left.id - right.id))
        .map((visit) => [visit.what, visit.connectionId.isEqual(connectionId)]),
      [
        ['connect', true],
        ['disconnect', true],
      ],
    );
    assert.equal(watcher.connection.db.presence.count(), 0n);
    const init = [...watcher.connection.db.visit.iter()].find((visit) => visit.what === 'init');
    assert.equal(init?.identity.toHexString(), owner.identity, 'init runs as the publisher');
  });

  test('a client whose client_connected throws is dropped', async (t) => {
    const database = await newDatabase();
    const client = await connect(t, database);
    const banned = await newIdentity(server.uri);
    await client.connection.reducers.ban({ identity: Identity.fromString(banned.identity) });
    await assert.rejects(connectNotes(server.uri, database, banned.token));
    await client.connection.reducers.addNote(note('still-served'));
  });

  test('an unknown database and a bad token are refused, and the server lives on', async (t) => {
    const database = await newDatabase();
    await assert.rejects(connectNotes(server.uri, 'no-such-database'));
    await assert.rejects(connectNotes(server.uri, database, 'not.a.token'));
    const [header, , signature] = owner.token.split('.');
    const forged = Buffer.from('{"iss":"localhost","sub":"x"}').toString('base64url');
    const response = await fetch(`${server.uri}v1/identity/websocket-token`, {
      method: 'POST',
      headers: { authorization: `Bearer ${header}.${forged}.${signature}` },
    });
    assert.equal(response.status, 401);
    await connect(t, database);
  });

  test('a broken frame ends that connection and no other', async (t) => {
    const database = await newDatabase();
    const client = await connect(t, database);
    const address = `${server.uri.replace(/^http/, 'ws')}v1/database/${database}/subscribe`;
    for (const broken of [[255, 1, 2], [3], [0, 1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255]]) {
      const socket = new WebSocket(`${address}?compression=None`, ['v2.bsatn.spacetimedb']);
      const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
      // Only a connection that was accepted shows that the frame is what ends it.
      await new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
      socket.send(Uint8Array.from(broken));
      await closed;
    }
    await client.connection.reducers.addNote(note('still-served'));
  });
});

describe('reducers', () => {
  test('a caller sees its own rows when the call resolves', async (t) => {
    const client = await connect(t, await newDatabase());
    await subscribe(client, 'SELECT * FROM note');
    await client.connection.reducers.addNote(note('one', 'inbox', -3, 'grüße 🎉'));
    const [row] = [...client.connection.db.note.iter()];
    assert.deepEqual(row, { id: 1n, ...note('one', 'inbox', -3, 'grüße 🎉') });
  });

  test('a SenderError reaches the caller, and nothing of the call remains', async (t) => {
    const client = await connect(t, await newDatabase());
    await assert.rejects(client.connection.reducers.refuse({ slug: 'gone' }), {
      name: 'SenderError',
      message: 'refused: on purpose',
    });
    await client.connection.reducers.addNote(note('gone'));
    await subscribe(client, 'SELECT * FROM note');
    assert.deepEqual(slugs(client), ['gone']);
  });

  test('any other error is an internal one, tells nothing, and rolls back everything', async (t) => {
    const client = await connect(t, await newDatabase());
    await subscribe(client, 'SELECT * FROM note');
    await client.connection.reducers.addNotes({ prefix: 'kept', count: 20 });
    const error = await client.connection.reducers.panic({ slug: 'gone' }).catch(identity);
    assert.equal((error as Error).name, 'InternalError');
    assert.doesNotMatch((error as Error).message, /a bug/);
    assert.equal(client.connection.db.note.count(), 20n);
    const fresh = await connect(t, client.database);
    await subscribe(fresh, 'SELECT * FROM note');
    assert.deepEqual(slugs(fresh), slugs(client));
    await client.connection.reducers.addNote(note('gone'));
  });

  test('unknown reducers, private ones and malformed arguments fail their call only', async (t) => {
    const client = await connect(t, await newDatabase());
    const { connection } = client;
    await assert.rejects(connection.reducers.missing({}));
    await assert.rejects(connection.reducers.ring({}));
    await assert.rejects(connection.callReducer('on_connect', new Uint8Array()));
    await assert.rejects(connection.callReducer('add_note', Uint8Array.of(9, 0, 0, 0, 1)));
    await connection.reducers.addNote(note('still-served'));
  });

  test('a unique violation can be caught, and the transaction goes on', async (t) => {
    const client = await connect(t, await newDatabase());
    await subscribe(client, 'SELECT * FROM note');
    await client.connection.reducers.addNote(note('taken'));
    await assert.rejects(client.connection.reducers.addNote(note('taken')));
    await client.connection.reducers.addNoteAnyway(note('taken'));
    assert.deepEqual(slugs(client), ['taken', 'taken-again']);
    assert.equal(await textOf(client, 'taken-again'), 'UniqueAlreadyExists');
  });

  test('auto-increment numbers are given once, also over failed calls', async (t) => {
    const client = await connect(t, await newDatabase());
    await subscribe(client, 'SELECT * FROM note');
    await client.connection.reducers.addNotes({ prefix: 'a', count: 5 });
    await assert.rejects(client.connection.reducers.refuse({ slug: 'x' }));
    await client.connection.reducers.addNotes({ prefix: 'b', count: 5 });
    const ids = [...client.connection.db.note.iter()].map((row) => row.id);
    assert.equal(new Set(ids).size, 10);
    assert.ok(ids.every((id) => id > 0n));
  });

  test('scans: a range after a prefix, a prefix alone, a whole key, everything', async (t) => {
    const client = await connect(t, await newDatabase());
    const { reducers } = client.connection;
    for (const rank of [5, -2, 3, 0, 9]) await reducers.addNote(note(`n${rank}`, 'f', rank));
    await reducers.addNote(note('other', 'g', 3));
    await reducers.scan({ folder: 'f', from: -2, to: 5 });
    const [range, prefix, point, ...counts] = ((await textOf(client, 'scan f -2 5')) ?? '').split(
      ' | ',
    );
    assert.equal(range, '-2,0,3');
    assert.deepEqual(prefix?.split(',').sort(), ['-2', '0', '3', '5', '9']);
    assert.equal(point, '-2');
    assert.deepEqual(counts, ['6', '6']);
  });

  test('large scans come whole, over many buffers', async (t) => {
    const client = await connect(t, await newDatabase());
    await client.connection.reducers.addNotes({ prefix: 'many', count: 3000 });
    await client.connection.reducers.scan({ folder: 'many', from: 0, to: 3000 });
    const text = (await textOf(client, 'scan many 0 3000')) ?? '';
    assert.deepEqual(text.split(' | ')[0]?.split(','), range(3000).map(String));
    await client.connection.reducers.removeFolder({ folder: 'many' });
    await subscribe(client, 'SELECT * FROM note');
    assert.deepEqual(slugs(client), ['scan many 0 3000']);
  });

  test('every kind of column arrives as it was sent', async (t) => {
    const client = await connect(t, await newDatabase());
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
  });

  test('a table without keys is a set of rows', async (t) => {
    const client = await connect(t, await newDatabase());
    await subscribe(client, 'SELECT * FROM bare');
    const { reducers, db } = client.connection;
    await reducers.addBare({ text: 'a', count: 1 });
    await reducers.addBare({ text: 'a', count: 1 });
    await reducers.addBare({ text: 'a', count: 2 });
    assert.equal(db.bare.count(), 2n);
    await reducers.removeBare({ text: 'a', count: 1 });
    assert.deepEqual([...db.bare.iter()], [{ text: 'a', count: 2 }]);
  });

  test('procedures return values and see committed rows', async (t) => {
    const client = await connect(t, await newDatabase());
    await client.connection.reducers.addNotes({ prefix: 'p', count: 7 });
    assert.equal(await client.connection.procedures.countNotes({ folder: 'p' }), 7);
  });

  test('calls over HTTP take JSON and run as the bearer', async (t) => {
    const database = await newDatabase();
    const client = await connect(t, database);
    await subscribe(client, 'SELECT * FROM note');
    const call = (reducer: string, args: unknown) =>
      fetch(`${server.uri}v1/database/${database}/call/${reducer}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${owner.token}`, 'content-type': 'application/json' },
        body: JSON.stringify(args),
      });
    assert.equal((await call('add_note', ['http', 'f', -4, 'text'])).status, 200);
    await until(client, () => client.connection.db.note.count() === 1n);
    const refused = await call('refuse', ['x']);
    assert.equal(refused.status, 530);
    assert.match(await refused.text(), /refused: on purpose/);
    assert.equal((await call('add_note', ['too few'])).status, 400);
    assert.equal((await call('no_such', [])).status, 404);
  });
});

describe('subscriptions', () => {
  test('others hear of a change, and only who watches it', async (t) => {
    const database = await newDatabase();
    const [writer, watcher, elsewhere] = [
      await connect(t, database),
      await connect(t, database),
      await connect(t, database),
    ];
    await subscribe(watcher, "SELECT * FROM note WHERE folder = 'inbox' AND rank > 2");
    await subscribe(elsewhere, "SELECT * FROM note WHERE folder = 'other'");
    await writer.connection.reducers.addNote(note('low', 'inbox', 2));
    await writer.connection.reducers.addNote(note('high', 'inbox', 3));
    await until(watcher, () => watcher.connection.db.note.count() === 1n);
    assert.deepEqual(slugs(watcher), ['high']);
    assert.equal(elsewhere.connection.db.note.count(), 0n);
    assert.equal(writer.connection.db.note.count(), 0n);
  });

  test('a row that an edit moves in or out of a query appears or disappears', async (t) => {
    const database = await newDatabase();
    const [writer, watcher] = [await connect(t, database), await connect(t, database)];
    await subscribe(watcher, "SELECT * FROM note WHERE folder = 'inbox'");
    const updates: string[] = [];
    watcher.connection.db.note.onUpdate((_, before, after) =>
      updates.push(`${before.text} → ${after.text}`),
    );
    const { reducers } = writer.connection;
    await reducers.addNote(note('moving', 'other', 0, 'first'));
    await reducers.editNote({ slug: 'moving', folder: 'inbox', text: 'second' });
    await until(watcher, () => watcher.connection.db.note.count() === 1n);
    await reducers.editNote({ slug: 'moving', folder: 'inbox', text: 'third' });
    await until(watcher, () => updates.length === 1);
    assert.deepEqual(updates, ['second → third']);
    await reducers.editNote({ slug: 'moving', folder: 'other', text: 'fourth' });
    await until(watcher, () => watcher.connection.db.note.count() === 0n);
  });

  test('deleting a row and putting it back unchanged is no change', async (t) => {
    const client = await connect(t, await newDatabase());
    await client.connection.reducers.addNote(note('same'));
    await subscribe(client, 'SELECT * FROM note');
    let events = 0;
    client.connection.db.note.onInsert(() => events++);
    client.connection.db.note.onDelete(() => events++);
    client.connection.db.note.onUpdate(() => events++);
    await client.connection.reducers.touchNote({ slug: 'same' });
    assert.equal(events, 0);
    assert.deepEqual(slugs(client), ['same']);
  });

  test('overlapping queries count a row once, until the last of them ends', async (t) => {
    const client = await connect(t, await newDatabase());
    await client.connection.reducers.addNote(note('shared', 'inbox', 7));
    const byFolder = await subscribe(client, "SELECT * FROM note WHERE folder = 'inbox'");
    const byRank = await subscribe(client, 'SELECT * FROM note WHERE rank >= 7');
    assert.equal(client.connection.db.note.count(), 1n);
    await byFolder.unsubscribe();
    assert.equal(client.connection.db.note.count(), 1n);
    await client.connection.reducers.editNote({ slug: 'shared', folder: 'inbox', text: 'new' });
    assert.equal([...client.connection.db.note.iter()][0]?.text, 'new');
    await byRank.unsubscribe();
    assert.equal(client.connection.db.note.count(), 0n);
  });

  test('after unsubscribing nothing more comes', async (t) => {
    const client = await connect(t, await newDatabase());
    const handle = await subscribe(client, 'SELECT * FROM note');
    await client.connection.reducers.addNote(note('before'));
    await handle.unsubscribe();
    await client.connection.reducers.addNote(note('after'));
    assert.deepEqual(slugs(client), []);
  });

  test('one message per transaction, in commit order', async (t) => {
    const database = await newDatabase();
    const [writer, watcher] = [await connect(t, database), await connect(t, database)];
    await subscribe(watcher, 'SELECT * FROM note');
    const seen: string[] = [];
    watcher.connection.db.note.onInsert((_, row) => seen.push(row.slug));
    const calls = range(200).map((index) =>
      writer.connection.reducers.addNote(note(`n${index}`, 'f', index)),
    );
    await Promise.all(calls);
    await until(watcher, () => seen.length === 200);
    assert.deepEqual(
      seen,
      range(200).map((index) => `n${index}`),
    );
  });

  test('conditions: comparisons, OR, parentheses, every literal', async (t) => {
    const database = await newDatabase();
    const writer = await connect(t, database);
    const who = Identity.fromString(writer.identity);
    for (const big of range(6)) {
      await writer.connection.reducers.putNumber({
        big: 2n ** 60n + BigInt(big),
        signed: BigInt(big) - 3n,
        wide: BigInt(big),
        fraction: big / 2,
        flag: big % 2 === 0,
        who: big < 3 ? who : Identity.fromString(owner.identity),
        at: new Timestamp(BigInt(big) * 1_000_000n),
        bytes: Uint8Array.of(big),
        maybe: undefined,
      });
    }
    const cases: [string, number[]][] = [
      ['signed = -3', [0]],
      ['signed < 0', [0, 1, 2]],
      ['0 <= signed', [3, 4, 5]],
      ['big <> 1152921504606846976', [1, 2, 3, 4, 5]],
      ['big > 1152921504606846977 AND big <= 1152921504606846979', [2, 3]],
      ['flag = true AND (signed < -2 OR signed > 0)', [0, 4]],
      ['flag = false OR signed = -3', [0, 1, 3, 5]],
      [`who = 0x${writer.identity}`, [0, 1, 2]],
      ['fraction > 1.9', [4, 5]],
      ["at >= '1970-01-01T00:00:04Z'", [4, 5]],
      ['"numbers"."signed" = 1', [4]],
    ];
    for (const [where, expected] of cases) {
      const client = await connectNotes(server.uri, database);
      await subscribe(client, `SELECT * FROM numbers WHERE ${where}`);
      const found = [...client.connection.db.numbers.iter()].map((row) => Number(row.wide));
      assert.deepEqual(
        found.sort((left, right) => left - right),
        expected,
        where,
      );
      await client.close();
    }
  });

  test('a bad query is an error of that subscription, and the connection goes on', async (t) => {
    const client = await connect(t, await newDatabase());
    const bad = [
      'SELECT',
      'SELECT * FROM',
      'SELECT * FROM nowhere',
      'SELECT * FROM secret',
      'SELECT * FROM note WHERE',
      'SELECT * FROM note WHERE nothing = 1',
      "SELECT * FROM note WHERE rank = 'text'",
      'SELECT * FROM note WHERE id = -1',
      'SELECT text FROM note',
      'DELETE FROM note',
      'SELECT * FROM note; DROP TABLE note',
      "SELECT * FROM note WHERE text = 'unclosed",
      `SELECT * FROM note WHERE ${'('.repeat(100_000)}`,
    ];
    for (const query of bad) await assert.rejects(subscribe(client, query), query.slice(0, 60));
    await subscribe(client, 'SELECT * FROM note');
    await client.connection.reducers.addNote(note('still-served'));
    assert.deepEqual(slugs(client), ['still-served']);
  });

  test('the owner may read private tables', async () => {
    const database = await newDatabase();
    const response = await fetch(`${server.uri}v1/database/${database}/sql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${owner.token}` },
      body: 'SELECT * FROM secret',
    });
    assert.equal(response.status, 200);
    const [statement] = (await response.json()) as { rows: unknown[] }[];
    assert.deepEqual(statement?.rows, [[1, 'from init']]);
  });

  test('event tables: rows arrive and are not kept', async (t) => {
    const database = await newDatabase();
    const [sender, watcher, elsewhere] = [
      await connect(t, database),
      await connect(t, database),
      await connect(t, database),
    ];
    const heard: string[] = [];
    const missed: string[] = [];
    watcher.connection.db.ping.onInsert((_, row) => heard.push(row.text));
    elsewhere.connection.db.ping.onInsert((_, row) => missed.push(row.text));
    await subscribe(watcher, "SELECT * FROM ping WHERE room = 'a'");
    await subscribe(elsewhere, "SELECT * FROM ping WHERE room = 'b'", 'SELECT * FROM note');
    await sender.connection.reducers.sendPing({ room: 'a', text: 'one' });
    await sender.connection.reducers.sendPing({ room: 'a', text: 'one' });
    await sender.connection.reducers.addNote(note('afterwards'));
    await until(elsewhere, () => elsewhere.connection.db.note.count() === 1n);
    await until(watcher, () => heard.length === 2);
    assert.deepEqual(heard, ['one', 'one']);
    assert.equal(missed.length, 0);
    const late = await connect(t, database);
    late.connection.db.ping.onInsert((_, row) => missed.push(row.text));
    await subscribe(late, 'SELECT * FROM ping');
    assert.equal(missed.length, 0);
  });
});

describe('scheduled reducers', () => {
  test('run once at their time and leave no row, as the database itself', async (t) => {
    const client = await connect(t, await newDatabase());
    await subscribe(client, 'SELECT * FROM tick');
    await client.connection.reducers.setAlarm({ label: 'once', delayMicros: 1000n, repeats: 1 });
    await until(client, () => client.connection.db.tick.count() === 1n);
    const [tick] = [...client.connection.db.tick.iter()];
    assert.equal(tick?.label, 'once');
    assert.notEqual(tick?.sender.toHexString(), client.identity);
  });

  test('repeat at their interval until the row is gone', async (t) => {
    const client = await connect(t, await newDatabase());
    await subscribe(client, 'SELECT * FROM tick');
    await client.connection.reducers.setAlarm({ label: 'again', delayMicros: 2000n, repeats: 3 });
    await until(client, () => client.connection.db.tick.count() === 3n);
  });
});

describe('calls over HTTP', () => {
  test('say that they bring JSON, and exactly that', async () => {
    const database = await newDatabase();
    const call = (type: string) =>
      fetch(`${server.uri}v1/database/${database}/call/add_note`, {
        method: 'POST',
        headers: { authorization: `Bearer ${owner.token}`, 'content-type': type },
        body: JSON.stringify(['by-http', 'inbox', 0, '']),
      });
    for (const type of [
      'text/plain',
      'application/json; charset=utf-8',
      'application/octet-stream',
    ]) {
      assert.equal((await call(type)).status, 415, type);
    }
    assert.equal((await call('application/json')).status, 200);
  });
});

describe('HTTP routes of the module', () => {
  test('answer with status, headers and body, and what they write is committed', async (t) => {
    const database = await newDatabase();
    const client = await connect(t, database);
    await subscribe(client, 'SELECT * FROM note');
    const response = await fetch(`${server.uri}v1/database/${database}/route/echo?slug=by-http`, {
      method: 'POST',
      body: 'grüße',
    });
    assert.equal(response.status, 201);
    assert.equal(response.headers.get('x-note'), 'by-http');
    assert.equal(await response.text(), 'POST grüße');
    await until(client, () => client.connection.db.note.count() === 1n);
    assert.equal([...client.connection.db.note.iter()][0]?.text, 'grüße');
  });

  test('nobody is kept from them: any bearer will do, and 33 MB', async () => {
    const database = await newDatabase();
    const response = await fetch(`${server.uri}v1/database/${database}/route/echo?slug=large`, {
      method: 'POST',
      headers: { authorization: 'Bearer of nothing' },
      body: 'x'.repeat(33_000_000),
    });
    assert.equal(response.status, 201);
    assert.equal((await response.text()).length, 33_000_005);
  });

  test('are not there where the module declared none', async () => {
    const database = await newDatabase();
    for (const [method, route] of [
      ['GET', 'nowhere'],
      ['DELETE', 'echo'],
      ['GET', 'echo/below'],
    ] as const) {
      const address = `${server.uri}v1/database/${database}/route/${route}`;
      assert.equal((await fetch(address, { method })).status, 404);
    }
  });
});

describe('publishing', () => {
  test('several databases of one module do not know of each other', async (t) => {
    const [first, second] = [await newDatabase(), await newDatabase()];
    const [one, two] = [await connect(t, first), await connect(t, second)];
    await one.connection.reducers.addNote(note('only-here'));
    await subscribe(two, 'SELECT * FROM note');
    assert.deepEqual(slugs(two), []);
  });

  test('what is no module is refused, and leaves nothing behind', async () => {
    const bad = [
      '',
      'this is not JavaScript {',
      'export default 1;',
      'throw new Error("on load");',
      "import fs from 'node:fs'; export default fs;",
      'export const x = await 1; export { x as default };',
    ];
    for (const text of bad) {
      const name = `bad-${randomBytes(8).toString('hex')}`;
      const response = await publish(server.uri, name, owner.token, text);
      assert.ok(response.status >= 400, text);
      assert.notEqual(await response.text(), '');
      assert.equal((await fetch(`${server.uri}v1/database/${name}`)).status, 404);
    }
    await newDatabase();
  });

  test('only the owner may update or delete', async () => {
    const database = await newDatabase();
    const stranger = await newIdentity(server.uri);
    const update = await publish(server.uri, database, stranger.token, source);
    assert.ok([401, 403].includes(update.status));
    const remove = (token: string) =>
      fetch(`${server.uri}v1/database/${database}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${token}` },
      });
    assert.ok([401, 403].includes((await remove(stranger.token)).status));
    assert.equal((await remove(owner.token)).status, 200);
    assert.equal((await fetch(`${server.uri}v1/database/${database}`)).status, 404);
    await assert.rejects(connectNotes(server.uri, database));
  });
});

function identity<Value>(value: Value): Value {
  return value;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
