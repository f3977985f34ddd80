import type { SchemaKit, WorldTypes } from './schema-types.ts';

/** Folders that ask what shall become of old text. All of it follows from the history. */
export function restorationTables({ t, table }: SchemaKit, types: WorldTypes) {
  return {
    /**
     * What folders ask and were answered. A question that was taken, put back or withdrawn names no files
     * and no owners any more, and goes when its member has many newer ones.
     */
    restoration: table(
      { name: 'restoration', public: true },
      {
        /** The sequence number of the op that asked. */
        restorationId: t.u32().primaryKey(),
        folderOf: t.identity().index('btree'),
        /** git, tool, deleted, missing_folder or lfs_pointer. */
        cause: t.string(),
        folderName: t.string(),
        items: t.array(types.restorationItem),
        owners: t.array(t.identity()),
        /** Of all files, those that are not named included. */
        fileCount: t.u32(),
        askedAt: t.timestamp(),
        /** open, answered or withdrawn. */
        status: t.string(),
        /** put_back, take or leave; empty while open. */
        answer: t.string(),
        answeredBy: t.option(t.identity()),
        answeredAt: t.option(t.timestamp()),
        /** The sequence number of the op that changed it last. */
        changedSeq: t.u32(),
      },
    ),
    /** One row, id 1, once an owner has set another rule: whose folders `ask`, and whose `take`. */
    restoration_rule: table(
      { name: 'restoration_rule', public: true },
      { id: t.u32().primaryKey(), agents: t.string(), people: t.string() },
    ),
  };
}
