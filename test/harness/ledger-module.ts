import { schema, table, t } from 'spacetimedb/server';
import { ledgerColumns, appendParameters } from './ledger-tables.ts';

/** The smallest world that can lose something: entries are added and never changed. */
const ledger = schema({
  entry: table({ name: 'entry', public: true }, ledgerColumns(t)),
});
export default ledger;

export const append = ledger.reducer(appendParameters(t), (ctx, entry) => {
  ctx.db.entry.insert(entry);
});
