import assert from 'node:assert/strict';
import { Identity } from 'spacetimedb';
import { newIdentity } from './engine-http.ts';
import { connectNotes, subscribe, until } from './note-client.ts';
import { note } from './note-rows.ts';
import { rule, type RuleGroup } from './rule.ts';

export const connectionRules: RuleGroup = {
  subject: 'connections',
  rules: [
    rule(
      'a client without a token gets an identity, and the token brings it back',
      async (probe) => {
        const database = await probe.newDatabase();
        const first = await probe.connect(database);
        assert.match(first.identity, /^c200[0-9a-f]{60}$/);
        const again = await probe.connect(database, first.token);
        assert.equal(again.identity, first.identity);
        assert.notEqual(
          again.connection.connectionId.toHexString(),
          first.connection.connectionId.toHexString(),
        );
        const other = await probe.connect(database);
        assert.notEqual(other.identity, first.identity);
      },
    ),

    rule(
      'lifecycle reducers run once each, with the identity and the connection',
      async (probe) => {
        const database = await probe.newDatabase();
        const watcher = await probe.connect(database);
        await subscribe(watcher, 'SELECT * FROM visit');
        const client = await connectNotes(probe.uri, database);
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
        assert.equal(
          init?.identity.toHexString(),
          probe.owner.identity,
          'init runs as the publisher',
        );
      },
    ),

    rule('a client whose client_connected throws is dropped', async (probe) => {
      const database = await probe.newDatabase();
      const client = await probe.connect(database);
      const banned = await newIdentity(probe.uri);
      await client.connection.reducers.ban({ identity: Identity.fromString(banned.identity) });
      await assert.rejects(connectNotes(probe.uri, database, banned.token));
      await client.connection.reducers.addNote(note('still-served'));
    }),

    rule(
      'an unknown database and a bad token are refused, and the server lives on',
      async (probe) => {
        const database = await probe.newDatabase();
        await assert.rejects(connectNotes(probe.uri, 'no-such-database'));
        await assert.rejects(connectNotes(probe.uri, database, 'not.a.token'));
        const [header, , signature] = probe.owner.token.split('.');
        const forged = Buffer.from('{"iss":"localhost","sub":"x"}').toString('base64url');
        const response = await fetch(`${probe.uri}v1/identity/websocket-token`, {
          method: 'POST',
          headers: { authorization: `Bearer ${header}.${forged}.${signature}` },
        });
        assert.equal(response.status, 401);
        await probe.connect(database);
      },
    ),

    rule('a broken frame ends that connection and no other', async (probe) => {
      const database = await probe.newDatabase();
      const client = await probe.connect(database);
      const address = `${probe.uri.replace(/^http/, 'ws')}v1/database/${database}/subscribe`;
      for (const broken of [[255, 1, 2], [3], [0, 1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255]]) {
        const socket = new WebSocket(`${address}?compression=None`, ['v2.bsatn.spacetimedb']);
        const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
        // Only a connection that was accepted shows that the frame is what ends it.
        await new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
        socket.send(Uint8Array.from(broken));
        await closed;
      }
      await client.connection.reducers.addNote(note('still-served'));
    }),
  ],
};
