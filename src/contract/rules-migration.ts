import assert from 'node:assert/strict';
import { moduleOf, NEW_TABLE, openItems, PARTS, type Parts } from './migration-module.ts';
import { rule, type Rule, type RuleGroup } from './rule.ts';

const CASES: readonly [what: string, parts: Parts][] = [
  ['a new table', { extra: NEW_TABLE }],
  ['a new index', { item: PARTS.item.replace('size: t.u32()', `size: t.u32().index('btree')`) }],
  [
    'a unique constraint that holds',
    { item: PARTS.item.replace('label: t.string()', 'label: t.string().unique()') },
  ],
  ['a removed reducer', { reducers: PARTS.reducers.replace(/export const gone.*\n/, '') }],
  [
    'changed arguments',
    {
      reducers: PARTS.reducers.replace(
        'gone = spacetimedb.reducer({}',
        'gone = spacetimedb.reducer({ more: t.u32() }',
      ),
    },
  ],
  ['public made private', { empty: PARTS.empty.replace(', public: true', '') }],
  [
    'private made public',
    { secret: PARTS.secret.replace(`'secret' }`, `'secret', public: true }`) },
  ],
];

/** What a database's module may be replaced by while its clients stay connected. */
export const migrationRules: RuleGroup = {
  subject: 'a module is replaced, and clients stay connected',
  rules: CASES.map(([what, parts]) => staysConnected(what, parts)),
};

function staysConnected(what: string, parts: Parts): Rule {
  return rule(what, async (probe) => {
    const { name, add, client, items } = await openItems(probe);
    const source = await moduleOf(probe.modules, parts);
    const plan = await probe.planFor(name, source);
    assert.equal(plan.AutoMigrate?.break_clients, false, JSON.stringify(plan));
    const answer = await probe.publishOver(name, source);
    assert.equal(answer.status, 200, await answer.text());
    assert.equal((await add(3, 'three')).status, 200);
    await client.until((message) => message.includes('three'));
    assert.equal((await items()).length, 3);
    assert.equal(client.closed, null);
  });
}
