import type { SchemaKit } from './schema-types.ts';

/** What a world keeps and may keep. All of it follows from the history. */
export function usageTables({ t, table }: Pick<SchemaKit, 't' | 'table'>) {
  return {
    /** One row, id 1, once an owner has set other quotas than the default ones. */
    quota: table(
      { name: 'quota', public: true },
      {
        id: t.u32().primaryKey(),
        memberMebibytes: t.u32(),
        memberNotes: t.u32(),
        worldMebibytes: t.u32(),
      },
    ),
    /**
     * One row, id 1: what the ops up to `uptoSeq` take. It is written after some hundred ops or a mebibyte,
     * so a key rewrites nothing here.
     */
    world_usage: table(
      { name: 'world_usage', public: true },
      {
        id: t.u32().primaryKey(),
        uptoSeq: t.u32(),
        bytes: t.u64(),
        /** Files that are there. */
        files: t.u32(),
      },
    ),
    /** The same of each who wrote something. */
    member_usage: table(
      { name: 'member_usage', public: true },
      { identity: t.identity().primaryKey(), bytes: t.u64(), notes: t.u32() },
    ),
  };
}
