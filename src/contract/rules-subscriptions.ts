import assert from 'node:assert/strict';
import { subscribe, until } from './note-client.ts';
import { note, slugs } from './note-rows.ts';
import { rule, type RuleGroup } from './rule.ts';

export const subscriptionRules: RuleGroup = {
  subject: 'subscriptions',
  rules: [
    rule('others hear of a change, and only who watches it', async (probe) => {
      const database = await probe.newDatabase();
      const [writer, watcher, elsewhere] = [
        await probe.connect(database),
        await probe.connect(database),
        await probe.connect(database),
      ];
      await subscribe(watcher, "SELECT * FROM note WHERE folder = 'inbox' AND rank > 2");
      await subscribe(elsewhere, "SELECT * FROM note WHERE folder = 'other'");
      await writer.connection.reducers.addNote(note('low', 'inbox', 2));
      await writer.connection.reducers.addNote(note('high', 'inbox', 3));
      await until(watcher, () => watcher.connection.db.note.count() === 1n);
      assert.deepEqual(slugs(watcher), ['high']);
      assert.equal(elsewhere.connection.db.note.count(), 0n);
      assert.equal(writer.connection.db.note.count(), 0n);
    }),

    rule('a row that an edit moves in or out of a query appears or disappears', async (probe) => {
      const database = await probe.newDatabase();
      const [writer, watcher] = [await probe.connect(database), await probe.connect(database)];
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
    }),

    rule('deleting a row and putting it back unchanged is no change', async (probe) => {
      const client = await probe.connect(await probe.newDatabase());
      await client.connection.reducers.addNote(note('same'));
      await subscribe(client, 'SELECT * FROM note');
      let events = 0;
      client.connection.db.note.onInsert(() => events++);
      client.connection.db.note.onDelete(() => events++);
      client.connection.db.note.onUpdate(() => events++);
      await client.connection.reducers.touchNote({ slug: 'same' });
      assert.equal(events, 0);
      assert.deepEqual(slugs(client), ['same']);
    }),

    rule('overlapping queries count a row once, until the last of them ends', async (probe) => {
      const client = await probe.connect(await probe.newDatabase());
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
    }),

    rule('after unsubscribing nothing more comes', async (probe) => {
      const client = await probe.connect(await probe.newDatabase());
      const handle = await subscribe(client, 'SELECT * FROM note');
      await client.connection.reducers.addNote(note('before'));
      await handle.unsubscribe();
      await client.connection.reducers.addNote(note('after'));
      assert.deepEqual(slugs(client), []);
    }),

    rule('one message per transaction, in commit order', async (probe) => {
      const database = await probe.newDatabase();
      const [writer, watcher] = [await probe.connect(database), await probe.connect(database)];
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
    }),
  ],
};

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
