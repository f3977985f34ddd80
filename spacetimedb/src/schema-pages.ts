import type { SchemaKit } from './schema-types.ts';

/** Tables by which the history is read in answers of bounded size. Members may read them. */
export function pageTables({ t, table }: SchemaKit) {
  return {
    /** A closed page of the history: ops that fit in one answer, or a single larger one. */
    op_page: table(
      { name: 'op_page', public: true },
      {
        /** Dense: 1, 2, 3, … */
        pageId: t.u32().primaryKey(),
        firstSeq: t.u32(),
        count: t.u32(),
        /** Of the rows and what an answer has around them. */
        bytes: t.u32(),
      },
    ),
    /** One row, id 1: how many pages are closed, and the last op in them. */
    paged_log: table(
      { name: 'paged_log', public: true },
      { id: t.u32().primaryKey(), pages: t.u32(), pagedSeq: t.u32() },
    ),
    /**
     * What a file's ops weigh: those that are large, or did not make a version by an edit. At each
     * version there is at most one op of the file beside these.
     */
    op_weight: table(
      {
        name: 'op_weight',
        public: true,
        indexes: [
          {
            accessor: 'byFileShelf',
            name: 'op_weight_file_id_shelf',
            algorithm: 'btree',
            columns: ['fileId', 'shelf'],
          },
        ],
      },
      {
        opSeq: t.u32().primaryKey(),
        fileId: t.u32(),
        /** A part of the numbers of ops, so that what has one shelf fits in an answer. */
        shelf: t.u32(),
        version: t.u32(),
        bytes: t.u32(),
      },
    ),
  };
}
