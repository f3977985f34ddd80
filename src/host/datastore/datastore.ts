import type { ModuleDef, TableDef } from '../module-def.ts';
import type { StoredRow, StoredSequence } from '../journal.ts';
import { TableSchema } from './table-schema.ts';
import { Table } from './table.ts';

/** The rows of connections whose `client_connected` ran and whose `client_disconnected` did not. */
export const CLIENT_TABLE = 'st_client';

/** All tables of a database, in memory. */
export class Datastore {
  readonly #byName = new Map<string, Table>();
  readonly #byId = new Map<number, Table>();

  /** `tableIds` gives known tables their numbers; new ones get the next. */
  constructor(def: ModuleDef, tableIds: ReadonlyMap<string, number>) {
    let nextId = Math.max(0, ...tableIds.values()) + 1;
    for (const tableDef of [CLIENT_TABLE_DEF, ...def.tables]) {
      const id = tableIds.get(tableDef.name) ?? nextId++;
      const table = new Table(id, new TableSchema(tableDef, def.typespace));
      this.#byId.set(id, table);
      this.#byName.set(tableDef.name, table);
      if (!this.#byName.has(tableDef.sourceName)) this.#byName.set(tableDef.sourceName, table);
    }
  }

  /** By the name clients use or the one the module does. */
  table(name: string): Table | undefined {
    return this.#byName.get(name);
  }

  tables(): Iterable<Table> {
    return this.#byId.values();
  }

  tableIds(): Map<string, number> {
    return new Map([...this.#byId].map(([id, table]) => [table.schema.name, id]));
  }

  /** Puts stored rows back. Throws when one does not fit its table: the store is damaged. */
  load(rows: Iterable<StoredRow>, sequences: Iterable<StoredSequence>): void {
    for (const { id, tableId, bytes } of rows) {
      const table = this.#byId.get(tableId);
      if (table === undefined) throw new Error(`stored row ${id} belongs to no table`);
      table.add(table.makeRow(bytes, id));
    }
    for (const { tableId, column, next } of sequences) {
      const table = this.#byId.get(tableId);
      const position = table?.schema.autoColumns.findIndex((auto) => auto.column === column) ?? -1;
      if (table !== undefined && position >= 0) table.sequences[position] = next;
    }
  }

  sequences(): StoredSequence[] {
    return [...this.tables()].flatMap((table) =>
      table.schema.autoColumns.map((auto, position) => ({
        tableId: table.id,
        column: auto.column,
        next: table.sequences[position] ?? auto.start,
      })),
    );
  }
}

const CLIENT_TABLE_DEF: TableDef = {
  sourceName: CLIENT_TABLE,
  name: CLIENT_TABLE,
  columns: [
    { name: 'connection_id', type: { tag: 'u128' } },
    { name: 'identity', type: { tag: 'u256' } },
  ],
  primaryKey: [0],
  indexes: [
    {
      sourceName: 'st_client_connection_id',
      canonicalName: null,
      accessorName: null,
      columns: [0],
    },
  ],
  uniqueConstraints: [[0]],
  sequences: [],
  isPublic: false,
  isEvent: false,
  defaults: new Map(),
};
