import type { SchemaKit } from './schema-types.ts';

/** Tables that only the module reads: clients leave them out of their schema. */
export function privateTables({ t, table }: SchemaKit) {
  return {
    invite: table(
      { name: 'invite' },
      {
        /** SHA-256 of the secret, 64 hex digits; the secret itself never enters the module. */
        secretHash: t.string().primaryKey(),
        role: t.string(),
        kind: t.string(),
        capabilities: t.array(t.string()),
        pathScope: t.array(t.string()),
        expiresAt: t.timestamp(),
        usesLeft: t.u32(),
        createdBy: t.identity(),
      },
    ),
    /**
     * Files that an open ticket proposes to change, and the lines of each under dispute, so that
     * landing ops find and move it, and those that land elsewhere need not read it.
     */
    open_ticket_file: table(
      {
        name: 'open_ticket_file',
        indexes: [
          {
            accessor: 'byFileLastLine',
            name: 'open_ticket_file_file_id_last_line',
            algorithm: 'btree',
            columns: ['fileId', 'lastLine'],
          },
          {
            accessor: 'byFileFirstLine',
            name: 'open_ticket_file_file_id_first_line',
            algorithm: 'btree',
            columns: ['fileId', 'firstLine'],
          },
        ],
      },
      {
        entryId: t.u32().primaryKey().autoInc(),
        fileId: t.u32(),
        ticketId: t.u32().index('btree'),
        actor: t.identity().index('btree'),
        firstLine: t.u32(),
        lastLine: t.u32(),
      },
    ),
    /** How many living files lie at or below a folder, so that no file takes a folder's name. */
    folder: table({ name: 'folder' }, { pathKey: t.string().primaryKey(), files: t.u32() }),
    /** Files far enough past their snapshot for maintenance to write the next one. */
    snapshot_due: table({ name: 'snapshot_due' }, { fileId: t.u32().primaryKey() }),
    /** One row, id 1, while a log is being imported: until its end nobody else is let in. */
    log_import: table({ name: 'log_import' }, { id: t.u32().primaryKey(), importer: t.identity() }),
    maintenance_schedule: table(
      { name: 'maintenance_schedule' },
      {
        scheduledId: t.u64().primaryKey().autoInc(),
        scheduledAt: t.scheduleAt(),
      },
    ),
  };
}
