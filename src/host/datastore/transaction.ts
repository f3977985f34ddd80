import type { Key } from './key.ts';
import type { Row } from './row.ts';
import type { Table } from './table.ts';
import type { TableIndex } from './table-index.ts';

/** What a transaction changed in one table, net of what it undid itself. */
export interface TableChange {
  readonly table: Table;
  readonly inserted: readonly Row[];
  readonly deleted: readonly Row[];
}

/** Thrown by writes the caller may catch: the transaction goes on. */
export class ConstraintError extends Error {
  readonly code: 'unique_violation' | 'auto_increment_overflow' | 'no_such_row';

  constructor(code: ConstraintError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

interface Changed {
  readonly inserted: Map<Key, Row>;
  readonly deleted: Map<Key, Row>;
}

/**
 * Changes tables in place and remembers how to undo it. Sequences are not undone, as in SpacetimeDB.
 * Exactly one of `commit` and `rollback` ends it.
 */
export class Transaction {
  readonly #changed = new Map<Table, Changed>();
  /** Physical steps, oldest first: positive additions and negative removals. */
  readonly #steps: { readonly table: Table; readonly row: Row; readonly added: boolean }[] = [];

  /**
   * Inserts a row whose bytes are now the table's, after filling its auto-increment columns.
   * Returns the row that is in the table: an identical one that was there already, possibly.
   */
  insert(table: Table, bytes: Buffer): Row {
    fillAutoColumns(table, bytes);
    return this.#insertFilled(table, table.makeRow(bytes));
  }

  /** Replaces the row that has the same key in a unique index. */
  update(table: Table, index: TableIndex, bytes: Buffer): Row {
    fillAutoColumns(table, bytes);
    const row = table.makeRow(bytes);
    const before = index.one(index.keyOf(row));
    if (before === undefined) {
      throw new ConstraintError('no_such_row', `${table.schema.name}: no row to update`);
    }
    if (before.bytes.equals(bytes)) return before;
    this.delete(table, before);
    try {
      return this.#insertFilled(table, row);
    } catch (error) {
      this.#restore(table, before);
      throw error;
    }
  }

  /** Deletes a row that is in the table. */
  delete(table: Table, row: Row): void {
    const changed = this.#changesOf(table);
    const identity = table.identityOf(row);
    if (changed.inserted.get(identity) === row) changed.inserted.delete(identity);
    else changed.deleted.set(identity, row);
    table.delete(row);
    this.#steps.push({ table, row, added: false });
  }

  /** Ends the transaction. Rows of event tables are reported but leave their table. */
  commit(): TableChange[] {
    const changes: TableChange[] = [];
    for (const [table, { inserted, deleted }] of this.#changed) {
      if (inserted.size === 0 && deleted.size === 0) continue;
      const rows = [...inserted.values()];
      changes.push({ table, inserted: rows, deleted: [...deleted.values()] });
      if (table.schema.def.isEvent) for (const row of rows) table.delete(row);
    }
    return changes;
  }

  /** Ends the transaction as if it had never been. */
  rollback(): void {
    for (let index = this.#steps.length - 1; index >= 0; index--) {
      const step = this.#steps[index];
      if (step === undefined) continue;
      if (step.added) step.table.delete(step.row);
      else step.table.add(step.row);
    }
  }

  #insertFilled(table: Table, row: Row): Row {
    const identity = table.identityOf(row);
    const present = table.byIdentity(identity);
    if (present?.bytes.equals(row.bytes)) return present;
    if (present !== undefined || table.violatesUnique(row)) {
      throw new ConstraintError('unique_violation', `${table.schema.name}: a unique key is taken`);
    }
    const deleted = this.#changesOf(table).deleted.get(identity);
    if (deleted?.bytes.equals(row.bytes)) return this.#restore(table, deleted);
    this.#changesOf(table).inserted.set(identity, row);
    this.#add(table, row);
    return row;
  }

  /** Takes a deletion of this transaction back. */
  #restore(table: Table, row: Row): Row {
    const changed = this.#changesOf(table);
    const identity = table.identityOf(row);
    if (changed.deleted.get(identity) === row) changed.deleted.delete(identity);
    else changed.inserted.set(identity, row);
    this.#add(table, row);
    return row;
  }

  #add(table: Table, row: Row): void {
    table.add(row);
    this.#steps.push({ table, row, added: true });
  }

  #changesOf(table: Table): Changed {
    let changed = this.#changed.get(table);
    if (changed === undefined) {
      changed = { inserted: new Map(), deleted: new Map() };
      this.#changed.set(table, changed);
    }
    return changed;
  }
}

function fillAutoColumns(table: Table, bytes: Buffer): void {
  const { autoColumns } = table.schema;
  for (const [position, auto] of autoColumns.entries()) {
    const { start, end } = table.schema.columnSpan(bytes, auto.column);
    if (!isZero(bytes, start, end)) continue;
    const next = table.sequences[position] ?? auto.start;
    if (next > auto.max) {
      throw new ConstraintError('auto_increment_overflow', `${table.schema.name}: out of numbers`);
    }
    table.sequences[position] = next + auto.increment;
    writeInteger(bytes, start, end, next);
  }
}

function isZero(bytes: Buffer, start: number, end: number): boolean {
  for (let index = start; index < end; index++) if (bytes[index] !== 0) return false;
  return true;
}

function writeInteger(bytes: Buffer, start: number, end: number, value: bigint): void {
  if (end - start === 8) {
    bytes.writeBigUInt64LE(BigInt.asUintN(64, value), start);
    return;
  }
  let rest = BigInt.asUintN((end - start) * 8, value);
  for (let index = start; index < end; index++) {
    bytes[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}
