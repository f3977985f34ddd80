import type { TableChange } from './datastore/transaction.ts';
import { CLIENT_TABLE } from './datastore/datastore.ts';
import type { Row } from './datastore/row.ts';
import type { Delta, StoredRow, StoredSequence } from './journal.ts';

/** Turns what transactions changed into what the journal keeps, and numbers the rows. */
export class CommitRecorder {
  /** Numbers of the tables, by name. */
  tableIds: ReadonlyMap<string, number>;
  readonly #volatileTables: ReadonlySet<string>;
  #deltas: Delta[] = [];
  #durable = false;
  #lastRowId = 0;

  constructor(volatileTables: ReadonlySet<string>, tableIds: ReadonlyMap<string, number>) {
    this.#volatileTables = volatileTables;
    this.tableIds = tableIds;
  }

  /** Says that a stored row has this id already. */
  seen(rowId: number): void {
    this.#lastRowId = Math.max(this.#lastRowId, rowId);
  }

  record(changes: readonly TableChange[]): void {
    const puts: StoredRow[] = [];
    const deletes: number[] = [];
    const sequences: StoredSequence[] = [];
    let erases = false;
    for (const change of changes) {
      const { table } = change;
      if (table.schema.def.isEvent) continue;
      // Who is connected is only needed after a crash, and then together with what the module's
      // lifecycle reducers wrote of it, which is in the same delta.
      if (!this.#volatileTables.has(table.schema.name) && table.schema.name !== CLIENT_TABLE) {
        this.#durable = true;
      }
      const known = this.#lastRowId;
      this.#recordRows(change, puts, deletes);
      const isReplaced = change.inserted.some(({ id }) => id <= known);
      if (isReplaced && ERASED_TABLES.has(table.schema.name)) erases = true;
      if (change.inserted.length === 0) continue;
      for (const [position, { column, start }] of table.schema.autoColumns.entries()) {
        sequences.push({ tableId: table.id, column, next: table.sequences[position] ?? start });
      }
    }
    if (puts.length === 0 && deletes.length === 0) return;
    this.#deltas.push({ puts, deletes, sequences, ...(erases ? { erases } : {}) });
  }

  /** What was recorded since the last time, and whether it must be on disk before anyone hears. */
  take(): { readonly deltas: readonly Delta[]; readonly durable: boolean } {
    const taken = { deltas: this.#deltas, durable: this.#durable };
    this.#deltas = [];
    this.#durable = false;
    return taken;
  }

  #recordRows(change: TableChange, puts: StoredRow[], deletes: number[]): void {
    const { table, inserted, deleted } = change;
    const replaced = new Map<unknown, Row>();
    for (const row of deleted) replaced.set(table.identityOf(row), row);
    for (const row of inserted) {
      const identity = table.identityOf(row);
      const before = replaced.get(identity);
      // A new state of the same row takes its place in the journal too.
      row.id = before === undefined ? ++this.#lastRowId : before.id;
      replaced.delete(identity);
      puts.push({ id: row.id, tableId: table.id, bytes: row.bytes });
    }
    for (const row of replaced.values()) deletes.push(row.id);
  }
}

/** What is replaced there must not be found on disk any more: it was private, and somebody erased it. */
const ERASED_TABLES: ReadonlySet<string> = new Set(['turn_prompt']);
