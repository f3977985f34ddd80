import assert from 'node:assert/strict';
import { breakingPolicy, moduleOf, openItems, PARTS, type Parts } from './migration-module.ts';
import { newIdentity, prePublish } from './engine-http.ts';
import { rule, type Rule, type RuleGroup } from './rule.ts';

const reordered = PARTS.item
  .replace('label: t.string(),', '')
  .replace('id: t', 'label: t.string(), id: t');
const CASES: readonly [what: string, parts: Parts, why: RegExp][] = [
  [
    'a changed type',
    { item: PARTS.item.replace('size: t.u32()', 'size: t.u64()'), reducers: '' },
    /type/i,
  ],
  ['another order', { item: reordered }, /order|moved/i],
  ['a removed column', { item: PARTS.item.replace('size: t.u32(),', ''), reducers: '' }, /remov/i],
  [
    'a column without a default',
    { item: PARTS.item.replace(/,\s*\}\)$/, ', more: t.u32() })'), reducers: '' },
    /default/,
  ],
  ['another event flag', { sign: PARTS.sign.replace(', event: true', '') }, /event/i],
];

/** What a database's module is never replaced by, and by whom. */
export const refusedMigrationRules: RuleGroup = {
  subject: 'a module is not replaced',
  rules: [
    ...CASES.map(([what, parts, why]) => isRefused(what, parts, why)),

    rule(
      'a table with rows is not removed, nor made unique where rows are equal',
      async (probe) => {
        const { name, add, items } = await openItems(probe);
        await add(3, 'two');
        const unique = await moduleOf(probe.modules, {
          item: PARTS.item.replace('label: t.string()', 'label: t.string().unique()'),
        });
        const answer = await probe.publishOver(name, unique);
        assert.equal(answer.status, 400);
        assert.match(await answer.text(), /^Failed to create or update the database/);
        const without = await moduleOf(probe.modules, {
          item: PARTS.item.replace(`name: 'item'`, `name: 'other'`),
        });
        const policy = breakingPolicy(await probe.planFor(name, without));
        const removal = await probe.publishOver(name, without, { policy });
        assert.equal(removal.status, 400);
        assert.match(await removal.text(), /Cannot remove table `item`/);
        assert.equal((await items()).length, 3);
      },
    ),

    rule(
      'who does not own a database may not ask; of one that is not there nothing is said',
      async (probe) => {
        const { uri, owner, modules } = probe;
        const { name } = await openItems(probe);
        const source = await moduleOf(modules);
        const stranger = await newIdentity(uri);
        assert.equal((await prePublish(uri, name, stranger.token, source)).status, 403);
        assert.equal((await prePublish(uri, `${name}-no`, owner.token, source)).status, 404);
      },
    ),
  ],
};

function isRefused(what: string, parts: Parts, why: RegExp): Rule {
  return rule(what, async (probe) => {
    const { name, client, items } = await openItems(probe);
    const source = await moduleOf(probe.modules, parts);
    const plan = await probe.planFor(name, source);
    assert.match(plan.ManualMigrate?.reason ?? '', why);
    const answer = await probe.publishOver(name, source);
    assert.equal(answer.status, 400);
    assert.match(await answer.text(), /^Database update rejected/);
    assert.equal((await items()).length, 2);
    assert.equal(client.closed, null);
  });
}
