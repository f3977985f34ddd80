import type { t as TypeBuilders } from 'spacetimedb';

/** What module and client agree on; the two copies of the library each bring their own builders. */
type Builders = Pick<typeof TypeBuilders, 'string' | 'u32'>;

export const ledgerColumns = (t: Builders) => ({
  /** `writer/number`, with padding that makes it easy to find in bytes. */
  mark: t.string().primaryKey(),
  writer: t.u32(),
  number: t.u32(),
});

export const appendParameters = (t: Builders) => ({
  mark: t.string(),
  writer: t.u32(),
  number: t.u32(),
});
