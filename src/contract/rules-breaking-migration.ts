import assert from 'node:assert/strict';
import {
  breakingPolicy,
  moduleOf,
  NEW_TABLE,
  openItems,
  PARTS,
  type Parts,
} from './migration-module.ts';
import { rule, type Rule, type RuleGroup } from './rule.ts';

const withDefault = (table: string): string =>
  table.replace(/ ?\}\)$/, `, more: t.u32().default(7) })`);
const CASES: readonly [what: string, parts: Parts, rows?: readonly unknown[][]][] = [
  [
    'an appended column',
    {
      item: withDefault(PARTS.item.replace(/,\s*\}\)$/, ' })')),
      reducers: PARTS.reducers.replace('size: id', 'size: id, more: 8'),
    },
  ],
  ['an appended column of a private table', { secret: withDefault(PARTS.secret) }],
  ['a removed table', { empty: '' }],
  ['other columns of an event table', { sign: PARTS.sign.replace('t.string()', 't.u32()') }],
];

/** What a database's module may be replaced by only when its clients are told to go. */
export const breakingMigrationRules: RuleGroup = {
  subject: 'a module is replaced with the token of a plan, and every connection is closed',
  rules: [
    ...CASES.map(([what, parts]) => needsToken(what, parts)),
    rule('the token is for that module and no other', async (probe) => {
      const { name } = await openItems(probe);
      const first = await moduleOf(probe.modules, { empty: '' });
      const second = await moduleOf(probe.modules, { empty: '', extra: NEW_TABLE });
      const policy = breakingPolicy(await probe.planFor(name, first));
      assert.equal((await probe.publishOver(name, second, { policy })).status, 400);
    }),
  ],
};

function needsToken(what: string, parts: Parts): Rule {
  return rule(what, async (probe) => {
    const { name, add, client, items } = await openItems(probe);
    const before = await items();
    const source = await moduleOf(probe.modules, parts);
    const refused = await probe.publishOver(name, source);
    assert.equal(refused.status, 400);
    assert.match(await refused.text(), /client-breaking change/);
    assert.equal(client.closed, null);
    const plan = await probe.planFor(name, source);
    assert.equal(plan.AutoMigrate?.break_clients, true, JSON.stringify(plan));
    for (const policy of ['&policy=BreakClients&token=0x1', '&policy=BreakClients']) {
      assert.equal((await probe.publishOver(name, source, { policy })).status, 400);
    }
    const answer = await probe.publishOver(name, source, { policy: breakingPolicy(plan) });
    assert.equal(answer.status, 200, await answer.text());
    assert.deepEqual(await client.ended, { code: 1001, reason: 'module exited' });
    const kept = parts.item === undefined ? before : before.map((row) => [...row, 7]);
    assert.deepEqual(await items(), kept);
    assert.equal((await add(3, 'three')).status, 200);
  });
}
