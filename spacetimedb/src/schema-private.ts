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
    /** How many ops the history had when an invite was made. None for invites of older modules. */
    invite_time: table(
      { name: 'invite_time' },
      { secretHash: t.string().primaryKey(), madeAfter: t.u32() },
    ),
    /** The op by which somebody was removed: older invites do not let them in again. */
    member_bar: table(
      { name: 'member_bar' },
      { identity: t.identity().primaryKey(), removedSeq: t.u32() },
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
    /** Calls that changed nothing, so that a retry at any later time does not either. */
    settled_call: table(
      { name: 'settled_call' },
      {
        opId: t.string().primaryKey(),
        actor: t.identity().index('btree'),
        /** The day of its id's time, counted from 1970: days are forgotten whole. */
        madeOnDay: t.u32().index('btree'),
        payloadHash: t.byteArray(),
        /** What its caller was told. */
        opSeq: t.u32(),
        version: t.u32(),
      },
    ),
    /** How many settled calls of a member are remembered, and what was dropped for want of room. */
    member_call_memory: table(
      { name: 'member_call_memory' },
      {
        identity: t.identity().primaryKey(),
        calls: t.u32(),
        /** All with an id made then or later are remembered. */
        since: t.timestamp(),
      },
    ),
    /**
     * One row, id 1: since when the world remembers settled calls at all. That is its beginning, when it
     * was restored, or when it got a module that does.
     */
    call_memory: table({ name: 'call_memory' }, { id: t.u32().primaryKey(), since: t.timestamp() }),
    /** One row, id 1: tickets with numbers up to this have the form of today. */
    tickets_moved: table({ name: 'tickets_moved' }, { id: t.u32().primaryKey(), upTo: t.u32() }),
    /** Which session of an agent's client a connection works for. */
    connection_session: table(
      { name: 'connection_session' },
      {
        connectionId: t.connectionId().primaryKey(),
        identity: t.identity().index('btree'),
        session: t.string(),
        takenAt: t.timestamp(),
      },
    ),
    maintenance_schedule: table(
      { name: 'maintenance_schedule' },
      {
        scheduledId: t.u64().primaryKey().autoInc(),
        scheduledAt: t.scheduleAt(),
      },
    ),
  };
}
