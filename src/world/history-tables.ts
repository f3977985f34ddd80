import type { PrivateTableName, TableName } from './bindings.ts';

/** How `verify` reads the rows of a table that must be what the history makes of them. */
export type Reading =
  /** Every session watches all of it: the rows are at hand. */
  | { readonly tag: 'watched' }
  /** All of it at once: the limits keep it below what an answer may be. */
  | { readonly tag: 'whole' }
  /**
   * All of it where that is little; else all rows with the same value of a column at a time, or row by
   * row where one value has many. The column has an index of its own, since a server looks at every row
   * otherwise. In a large table a row that was added under a value that no right row has is not found.
   */
  | {
      readonly tag: 'asked';
      readonly by: string;
      /** All values that there can be; those of right rows unless said otherwise. */
      readonly values?: readonly string[];
    }
  /** The replay itself is made of these rows, and checks every one. */
  | { readonly tag: 'replayed' };

export interface HistoryTable {
  readonly key: string;
  readonly reading: Reading;
  /** The first module level that has it. */
  readonly level: number;
}

/** A table that no history makes, and why. */
export interface NoHistory {
  readonly notHistory: string;
}

const watched = (key: string): HistoryTable => ({ key, reading: { tag: 'watched' }, level: 1 });
const whole = (key: string): HistoryTable => ({ key, reading: { tag: 'whole' }, level: 1 });
const asked = (key: string, by: string, values?: readonly string[]): HistoryTable => {
  return { key, reading: { tag: 'asked', by, ...(values && { values }) }, level: 1 };
};
const replayed = (key: string): HistoryTable => ({ key, reading: { tag: 'replayed' }, level: 1 });
/** Of a table that worlds of an older module do not have. */
const since = (level: number, table: HistoryTable): HistoryTable => ({ ...table, level });

/**
 * Every table that members may read, in the order in which `verify` looks at them. A new table needs its
 * line here; what is history must be made by `import_log`, too.
 */
export const PUBLIC_TABLES: Readonly<Record<TableName, HistoryTable | NoHistory>> = {
  file_op: replayed('opSeq'),
  content_chunk: replayed('hash'),
  log_head: watched('id'),
  workspace: watched('id'),
  world_format: since(2, whole('id')),
  workspace_member: watched('identity'),
  member_origin: since(2, whole('identity')),
  member_pause: since(6, watched('identity')),
  quota: since(2, whole('id')),
  world_usage: since(2, whole('id')),
  member_usage: since(2, whole('identity')),
  file_head: watched('fileId'),
  line_ends: since(8, watched('fileId')),
  note: asked('noteId', 'noteId'),
  file_snapshot: asked('snapshotId', 'snapshotId'),
  paged_log: since(2, whole('id')),
  op_page: since(2, asked('pageId', 'pageId')),
  op_weight: since(2, asked('opSeq', 'opSeq')),
  conflict_ticket: asked('ticketId', 'status', ['open', 'resolved', 'withdrawn']),
  restoration: since(3, watched('restorationId')),
  restoration_rule: since(3, watched('id')),
  turn: since(4, asked('turnId', 'turnId')),
  unreviewed_file: since(4, watched('fileId')),
  export_rule: since(7, watched('id')),
  turn_prompt: {
    notHistory: 'beside the history, which has a hash of it, so that it can be erased',
  },
  ticket_text: since(2, asked('pieceKey', 'ticketId')),
  presence: { notHistory: 'who is connected at the moment' },
  presence_event: { notHistory: 'a message of the moment; no row is kept' },
  presence_place: { notHistory: 'how connections of the moment are told apart' },
  caret_moved: { notHistory: 'a message of the moment; no row is kept' },
  soft_lock: { notHistory: 'claims on lines end by themselves and change no text' },
  path_claim: { notHistory: 'claims on files and folders end by themselves and change no text' },
  lock_lease: { notHistory: 'goes with a claim' },
  op_outcome: { notHistory: 'a message of the moment; no row is kept' },
  conflict_event: { notHistory: 'a message of the moment; no row is kept' },
  audit_event: { notHistory: 'a message of the moment; no row is kept' },
};

/** Members cannot read these, so `verify` cannot compare them; what a forged row of each can do. */
export const PRIVATE_TABLES: Readonly<Record<PrivateTableName, NoHistory>> = {
  invite: {
    notHistory: 'a secret is for whoever has it; whom a forged one let in is in the history',
  },
  invite_time: { notHistory: 'goes with an invite' },
  member_bar: { notHistory: 'keeps older invites from letting a removed member in again' },
  open_ticket_file: { notHistory: 'finds open tickets faster; follows from them' },
  folder: { notHistory: 'counts files of folders; follows from them' },
  snapshot_due: { notHistory: 'work that maintenance still has to do' },
  log_import: { notHistory: 'there only while a world is restored' },
  settled_call: { notHistory: 'calls that changed nothing, for a week' },
  member_call_memory: { notHistory: 'counts settled calls' },
  call_memory: { notHistory: 'since when settled calls are remembered' },
  tickets_moved: { notHistory: 'says that tickets of 0.1.0 have the form of today' },
  connection_session: { notHistory: 'which connections of the moment work for which session' },
  maintenance_schedule: { notHistory: 'when maintenance runs next' },
};
