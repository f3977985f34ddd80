import assert from 'node:assert/strict';
import { connectNotes, subscribe } from './note-client.ts';
import { newIdentity } from './engine-http.ts';
import { note, slugs } from './note-rows.ts';
import { rule, type RuleGroup } from './rule.ts';

export const databaseRules: RuleGroup = {
  subject: 'databases',
  rules: [
    rule('several databases of one module do not know of each other', async (probe) => {
      const [first, second] = [await probe.newDatabase(), await probe.newDatabase()];
      const [one, two] = [await probe.connect(first), await probe.connect(second)];
      await one.connection.reducers.addNote(note('only-here'));
      await subscribe(two, 'SELECT * FROM note');
      assert.deepEqual(slugs(two), []);
    }),

    rule('what is no module is refused, and leaves nothing behind', async (probe) => {
      const bad = [
        '',
        'this is not JavaScript {',
        'export default 1;',
        'throw new Error("on load");',
        "import fs from 'node:fs'; export default fs;",
        'export const x = await 1; export { x as default };',
      ];
      for (const text of bad) {
        const { name, answer } = await probe.publishNew(text);
        assert.ok(answer.status >= 400, text);
        assert.notEqual(await answer.text(), '');
        assert.equal((await fetch(`${probe.uri}v1/database/${name}`)).status, 404);
      }
      await probe.newDatabase();
    }),

    rule('only the owner may update or delete', async (probe) => {
      const database = await probe.newDatabase();
      const stranger = await newIdentity(probe.uri);
      const source = await probe.modules.notes();
      const update = await probe.publishOver(database, source, { token: stranger.token });
      assert.ok([401, 403].includes(update.status));
      assert.ok([401, 403].includes((await probe.remove(database, stranger.token)).status));
      assert.equal((await probe.remove(database)).status, 200);
      assert.equal((await fetch(`${probe.uri}v1/database/${database}`)).status, 404);
      await assert.rejects(connectNotes(probe.uri, database));
    }),
  ],
};
