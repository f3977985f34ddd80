import type { SchemaKit } from './schema-types.ts';

/** What agents did and nobody has looked at. It follows from the history. */
export function reviewTables({ t, table }: SchemaKit) {
  return {
    /** Files with work of agents that nobody has kept or taken back, and since when. */
    unreviewed_file: table(
      { name: 'unreviewed_file', public: true },
      {
        fileId: t.u32().primaryKey(),
        /** What came with this op, or before it, is not to be looked at. */
        sinceSeq: t.u32(),
        /** The file's version then; 0 where it was not there yet. */
        sinceVersion: t.u32(),
        /** The sequence number of the op that changed it last. */
        changedSeq: t.u32(),
      },
    ),
    /** One row, id 1, once an owner has set another rule: what an export needs, `any` or `reviewed`. */
    export_rule: table(
      { name: 'export_rule', public: true },
      { id: t.u32().primaryKey(), rule: t.string() },
    ),
  };
}
