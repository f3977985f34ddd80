import assert from 'node:assert/strict';
import { subscribe, until } from './note-client.ts';
import { rule, type RuleGroup } from './rule.ts';

export const httpCallRules: RuleGroup = {
  subject: 'calls over HTTP',
  rules: [
    rule('say that they bring JSON, and exactly that', async (probe) => {
      const database = await probe.newDatabase();
      const call = (type: string) =>
        fetch(`${probe.uri}v1/database/${database}/call/add_note`, {
          method: 'POST',
          headers: { authorization: `Bearer ${probe.owner.token}`, 'content-type': type },
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
    }),
  ],
};

export const routeRules: RuleGroup = {
  subject: 'HTTP routes of the module',
  rules: [
    rule(
      'answer with status, headers and body, and what they write is committed',
      async (probe) => {
        const database = await probe.newDatabase();
        const client = await probe.connect(database);
        await subscribe(client, 'SELECT * FROM note');
        const response = await fetch(
          `${probe.uri}v1/database/${database}/route/echo?slug=by-http`,
          {
            method: 'POST',
            body: 'grüße',
          },
        );
        assert.equal(response.status, 201);
        assert.equal(response.headers.get('x-note'), 'by-http');
        assert.equal(await response.text(), 'POST grüße');
        await until(client, () => client.connection.db.note.count() === 1n);
        assert.equal([...client.connection.db.note.iter()][0]?.text, 'grüße');
      },
    ),

    rule('nobody is kept from them: any bearer will do, and 33 MB', async (probe) => {
      const database = await probe.newDatabase();
      const response = await fetch(`${probe.uri}v1/database/${database}/route/echo?slug=large`, {
        method: 'POST',
        headers: { authorization: 'Bearer of nothing' },
        body: 'x'.repeat(33_000_000),
      });
      assert.equal(response.status, 201);
      assert.equal((await response.text()).length, 33_000_005);
    }),

    rule('are not there where the module declared none', async (probe) => {
      const database = await probe.newDatabase();
      for (const [method, route] of [
        ['GET', 'nowhere'],
        ['DELETE', 'echo'],
        ['GET', 'echo/below'],
      ] as const) {
        const address = `${probe.uri}v1/database/${database}/route/${route}`;
        assert.equal((await fetch(address, { method })).status, 404);
      }
    }),
  ],
};
