import { Identity, Timestamp } from 'spacetimedb';
import type { Database } from '../../src/host/database.ts';
import type { Row, TableName } from '../../src/world/bindings.ts';
import { codecOf } from '../../src/world/row-difference.ts';

/** A table of a running database, as whoever owns the database may change it: rows at will. */
export class ForgedTable<Name extends TableName> {
  readonly #database: Database;
  readonly #name: Name;

  constructor(database: Database, name: Name) {
    this.#database = database;
    this.#name = name;
  }

  get rows(): Row<Name>[] {
    const rows = this.#table.allRows();
    return rows.map(({ bytes }) => codecOf(this.#name).decode(bytes));
  }

  /** Puts another row in the place of one; either may be none. */
  async exchange(before: Row<Name> | undefined, after: Row<Name> | undefined): Promise<void> {
    const codec = codecOf(this.#name);
    const table = this.#table;
    await this.#database.run(() => {
      const outcome = this.#database.runtime.transact((_time, transaction) => {
        const bytes = before && Buffer.from(codec.encode(before));
        const found = bytes && table.allRows().find((row) => bytes.equals(row.bytes));
        if (found) transaction.delete(table, found);
        if (after) transaction.insert(table, Buffer.from(codec.encode(after)));
      });
      if (outcome.kind !== 'ok') throw new Error(outcome.message);
      this.#database.applied(outcome.changes, null);
    });
  }

  get #table() {
    return this.#database.runtime.datastore.table(this.#name)!;
  }
}

/** Takes all rows out of a table, be it one that members cannot read. */
export async function emptyTable(database: Database, name: string): Promise<void> {
  const table = database.runtime.datastore.table(name)!;
  await database.run(() => {
    const outcome = database.runtime.transact((_time, transaction) => {
      for (const row of table.allRows()) transaction.delete(table, row);
    });
    if (outcome.kind !== 'ok') throw new Error(outcome.message);
    database.applied(outcome.changes, null);
  });
}

/** Another value of the same type. */
export function otherValue(value: unknown): unknown {
  if (typeof value === 'number') return value + 1000;
  if (typeof value === 'bigint') return value + 1n;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') return /^[0-9a-f]{64}$/.test(value) ? flipped(value) : `${value}x`;
  if (value instanceof Uint8Array) return otherBytes(value);
  if (value instanceof Identity) return new Identity(value.__identity__ ^ 1n);
  if (value instanceof Timestamp) return new Timestamp(value.microsSinceUnixEpoch + 1n);
  throw new Error(`no other value is known for ${String(value)}`);
}

function otherBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return Uint8Array.of(1);
  const other = bytes.slice();
  other[other.length - 1]! ^= 1;
  return other;
}

function flipped(digits: string): string {
  return digits.slice(0, -1) + (digits.endsWith('0') ? '1' : '0');
}
