import assert from 'node:assert/strict';
import type { EngineProbe } from './engine-probe.ts';
import { knownRule, rule, type RuleGroup } from './rule.ts';

/** How long what a module keeps in its globals lasts. */
export const instanceRules: RuleGroup = {
  subject: 'instances of a module',
  rules: [
    rule(
      'a fatal error ends one: its globals are new, nothing of the call remains',
      async (probe) => {
        const { call, counts } = await counting(probe);
        for (const reducer of ['tick', 'tick', 'refuse']) await call(reducer);
        await call('tick');
        const failed = await call('fail');
        assert.deepEqual(
          [failed.status, await failed.text()],
          [530, 'The instance encountered a fatal error.'],
        );
        await call('tick');
        assert.deepEqual(await counts(), ['tick 1', 'tick 2', 'tick 4', 'tick 1']);
      },
    ),

    rule('HTTP handlers have globals of their own', async (probe) => {
      const { name, call, counts } = await counting(probe);
      for (let index = 0; index < 3; index++) await call('tick');
      const answer = await fetch(`${probe.uri}v1/database/${name}/route/count`);
      assert.ok(Number(await answer.text()) < 3);
      await call('tick');
      assert.deepEqual(await counts(), ['tick 1', 'tick 2', 'tick 3', 'tick 4']);
    }),

    knownRule(
      'a call fails whose heap grows over 928 MiB',
      'filling a server’s memory would harm whoever else uses it',
    ),
    knownRule(
      'a reducer that does not end blocks its database for everything, its removal too',
      'what was made could not be removed',
    ),
    knownRule(
      'after a restart a database is loaded once somebody touches it; schedules wait for that',
      'the server would have to be restarted',
    ),
    knownRule('a full disk ends the server', 'the disk would have to be filled'),
  ],
};

async function counting(probe: EngineProbe) {
  const { name, answer } = await probe.publishNew(await probe.modules.of(COUNTER));
  assert.equal(answer.status, 200, await answer.text());
  const counts = async () => {
    const rows = await probe.rows(name, 'SELECT * FROM seen');
    return rows.map(([, what, count]) => `${String(what)} ${String(count)}`);
  };
  return { name, call: (reducer: string) => probe.call(name, reducer), counts };
}

/** Counts its calls in its globals, and says in rows what it counted. */
const COUNTER = `
  import { schema, table, t, SenderError, Router, SyncResponse } from 'spacetimedb/server';
  const seen = table(
    { name: 'seen', public: true },
    { id: t.u32().primaryKey().autoInc(), what: t.string(), count: t.u32() },
  );
  const spacetimedb = schema({ seen });
  export default spacetimedb;
  let count = 0;
  const note = (ctx, what) => ctx.db.seen.insert({ id: 0, what, count: ++count });
  export const tick = spacetimedb.reducer({}, (ctx) => void note(ctx, 'tick'));
  export const refuse = spacetimedb.reducer({}, (ctx) => {
    note(ctx, 'refuse');
    throw new SenderError('on purpose');
  });
  export const fail = spacetimedb.reducer({}, (ctx) => {
    note(ctx, 'fail');
    throw new TypeError('a secret of the module');
  });
  export const hello = spacetimedb.httpHandler((ctx) =>
    new SyncResponse(String(++count)),
  );
  export const router = spacetimedb.httpRouter(new Router().get('/count', hello));
`;
