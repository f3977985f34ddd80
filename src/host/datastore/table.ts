import type { Key } from './key.ts';
import type { Row } from './row.ts';
import { TableIndex } from './table-index.ts';
import type { TableSchema } from './table-schema.ts';

/** The rows of one table and their indexes. Knows nothing of transactions. */
export class Table {
  /** The table's number in the journal. */
  readonly id: number;
  readonly schema: TableSchema;
  /** In the order of the schema's. */
  readonly indexes: readonly TableIndex[];
  /** The next value of each auto-increment column, in the order of the schema's. */
  readonly sequences: bigint[];
  /** All rows by what tells them apart, in the order they came. */
  readonly #rows = new Map<Key, Row>();

  constructor(id: number, schema: TableSchema) {
    this.id = id;
    this.schema = schema;
    this.indexes = schema.indexes.map((index, position) => new TableIndex(position, index.unique));
    this.sequences = schema.autoColumns.map((column) => column.start);
  }

  get rowCount(): number {
    return this.#rows.size;
  }

  /** All rows, in the order they came. The result does not change later. */
  allRows(): Row[] {
    return [...this.#rows.values()];
  }

  /** What tells a row apart: the key of a unique index, or else all its bytes. */
  identityOf(row: Row): Key {
    const key = row.keys[this.schema.identifyingIndex];
    return key ?? row.bytes.toString('latin1', 0, row.bytes.length);
  }

  /** A row of this table that is not in it yet. Throws when the bytes are none. */
  makeRow(bytes: Buffer, id = 0): Row {
    return { id, bytes, keys: this.schema.keysOf(bytes) };
  }

  byIdentity(identity: Key): Row | undefined {
    return this.#rows.get(identity);
  }

  /** Whether another row already has one of this row's unique keys. */
  violatesUnique(row: Row): boolean {
    return this.indexes.some((index) => index.unique && index.one(index.keyOf(row)) !== undefined);
  }

  add(row: Row): void {
    this.#rows.set(this.identityOf(row), row);
    for (const index of this.indexes) index.add(row);
  }

  delete(row: Row): void {
    this.#rows.delete(this.identityOf(row));
    for (const index of this.indexes) index.delete(row);
  }
}
