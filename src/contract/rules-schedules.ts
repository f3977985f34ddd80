import assert from 'node:assert/strict';
import { subscribe, until } from './note-client.ts';
import { rule, type RuleGroup } from './rule.ts';

export const scheduleRules: RuleGroup = {
  subject: 'scheduled reducers',
  rules: [
    rule('run once at their time and leave no row, as the database itself', async (probe) => {
      const client = await probe.connect(await probe.newDatabase());
      await subscribe(client, 'SELECT * FROM tick');
      await client.connection.reducers.setAlarm({ label: 'once', delayMicros: 1000n, repeats: 1 });
      await until(client, () => client.connection.db.tick.count() === 1n);
      const [tick] = [...client.connection.db.tick.iter()];
      assert.equal(tick?.label, 'once');
      assert.notEqual(tick?.sender.toHexString(), client.identity);
    }),

    rule('repeat at their interval until the row is gone', async (probe) => {
      const client = await probe.connect(await probe.newDatabase());
      await subscribe(client, 'SELECT * FROM tick');
      await client.connection.reducers.setAlarm({ label: 'again', delayMicros: 2000n, repeats: 3 });
      await until(client, () => client.connection.db.tick.count() === 3n);
    }),
  ],
};
