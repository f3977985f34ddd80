import type { t as TypeBuilders } from 'spacetimedb';

/** What module and client agree on; the two copies of the library each bring their own builders. */
type Builders = Pick<typeof TypeBuilders, 'string' | 'u32'>;

export const ledgerColumns = (t: Builders) => ({
  /** Names an entry so that it can be found in bytes. */
  mark: t.string().primaryKey(),
  /** The mark again: where a page of a file ends inside one of them, the other is whole. */
  copy: t.string(),
  writer: t.u32(),
  number: t.u32(),
});

export const appendParameters = (t: Builders) => ({
  mark: t.string(),
  copy: t.string(),
  writer: t.u32(),
  number: t.u32(),
});
