import assert from 'node:assert/strict';
import { Identity, Timestamp } from 'spacetimedb';
import { connectNotes, subscribe, until } from './note-client.ts';
import { note, slugs } from './note-rows.ts';
import { rule, type RuleGroup } from './rule.ts';

export const queryRules: RuleGroup = {
  subject: 'queries and events',
  rules: [
    rule('conditions: comparisons, OR, parentheses, every literal', async (probe) => {
      const database = await probe.newDatabase();
      const writer = await probe.connect(database);
      const who = Identity.fromString(writer.identity);
      for (const big of range(6)) {
        await writer.connection.reducers.putNumber({
          big: 2n ** 60n + BigInt(big),
          signed: BigInt(big) - 3n,
          wide: BigInt(big),
          fraction: big / 2,
          flag: big % 2 === 0,
          who: big < 3 ? who : Identity.fromString(probe.owner.identity),
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
        const client = await connectNotes(probe.uri, database);
        await subscribe(client, `SELECT * FROM numbers WHERE ${where}`);
        const found = [...client.connection.db.numbers.iter()].map((row) => Number(row.wide));
        assert.deepEqual(
          found.sort((left, right) => left - right),
          expected,
          where,
        );
        await client.close();
      }
    }),

    rule(
      'a bad query is an error of that subscription, and the connection goes on',
      async (probe) => {
        const client = await probe.connect(await probe.newDatabase());
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
      },
    ),

    rule('the owner may read private tables', async (probe) => {
      const database = await probe.newDatabase();
      const response = await fetch(`${probe.uri}v1/database/${database}/sql`, {
        method: 'POST',
        headers: { authorization: `Bearer ${probe.owner.token}` },
        body: 'SELECT * FROM secret',
      });
      assert.equal(response.status, 200);
      const [statement] = (await response.json()) as { rows: unknown[] }[];
      assert.deepEqual(statement?.rows, [[1, 'from init']]);
    }),

    rule('event tables: rows arrive and are not kept', async (probe) => {
      const database = await probe.newDatabase();
      const [sender, watcher, elsewhere] = [
        await probe.connect(database),
        await probe.connect(database),
        await probe.connect(database),
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
      const late = await probe.connect(database);
      late.connection.db.ping.onInsert((_, row) => missed.push(row.text));
      await subscribe(late, 'SELECT * FROM ping');
      assert.equal(missed.length, 0);
    }),
  ],
};

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
