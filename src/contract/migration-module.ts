import assert from 'node:assert/strict';
import type { EngineProbe } from './engine-probe.ts';
import type { ProbeModules } from './probe-modules.ts';

/** Parts of the module that the cases below replace. */
export const PARTS = {
  item: `table({ name: 'item', public: true }, {
    id: t.u32().primaryKey(),
    label: t.string(),
    size: t.u32(),
  })`,
  secret: `table({ name: 'secret' }, { id: t.u32().primaryKey(), word: t.string() })`,
  sign: `table({ name: 'sign', public: true, event: true }, { text: t.string() })`,
  empty: `empty: table({ name: 'empty', public: true }, { id: t.u32().primaryKey() }),`,
  extra: '',
  reducers: `
    export const add = spacetimedb.reducer({ id: t.u32(), label: t.string() }, (ctx, { id, label }) => {
      ctx.db.item.insert({ id, label, size: id });
    });
    export const gone = spacetimedb.reducer({}, () => {});
  `,
};

export const NEW_TABLE = `more: table({ name: 'more' }, { id: t.u32().primaryKey() }),`;

export type Parts = Partial<typeof PARTS>;

export function moduleOf(modules: ProbeModules, parts: Parts = {}): Promise<string> {
  const { item, secret, sign, empty, extra, reducers } = { ...PARTS, ...parts };
  return modules.of(`
    import { schema, table, t } from 'spacetimedb/server';
    const spacetimedb = schema({
      item: ${item}, secret: ${secret}, sign: ${sign}, ${empty} ${extra}
    });
    export default spacetimedb;
    ${reducers}
  `);
}

/** A database of the module above with two items, and a client that watches them. */
export async function openItems(probe: EngineProbe) {
  const { name, answer } = await probe.publishNew(await moduleOf(probe.modules));
  assert.equal(answer.status, 200, await answer.text());
  const add = (id: number, label: string) => probe.call(name, 'add', id, label);
  await add(1, 'one');
  await add(2, 'two');
  const client = await probe.connectFrames(name);
  await client.subscribe('SELECT * FROM item');
  return { name, add, client, items: () => probe.rows(name, 'SELECT * FROM item') };
}

/** What says in an address that clients may be sent away, with the token of a plan. */
export function breakingPolicy(plan: {
  readonly AutoMigrate?: { readonly token: string };
}): string {
  return `&policy=BreakClients&token=${encodeURIComponent(plan.AutoMigrate?.token ?? '')}`;
}
