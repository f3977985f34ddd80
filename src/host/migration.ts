import { sameType } from './bsatn/algebraic-type.ts';
import { DatabaseError } from './database-error.ts';
import type { Datastore } from './datastore/datastore.ts';
import type { Table } from './datastore/table.ts';
import type { StoredRow } from './journal.ts';
import type { IndexDef, ModuleDef, SequenceDef, TableDef } from './module-def.ts';

/** What becomes of a database when another module takes it over. */
export interface MigrationPlan {
  /** What is done, for a person. */
  readonly steps: readonly string[];
  /** Whether clients that know the module before cannot go on: then all of them are disconnected. */
  readonly breaksClients: boolean;
}

/**
 * Plans how a database of one definition becomes one of another, by SpacetimeDB's rules. Throws
 * `migration_refused` with every reason why it cannot, whatever the publisher agrees to.
 */
export function planMigration(before: ModuleDef, after: ModuleDef): MigrationPlan {
  const changes = new Changes();
  for (const table of before.tables) {
    const successor = named(after.tables, table.name);
    if (successor === undefined) changes.breaking(`table ${table.name} is removed`);
    else compareTables({ def: table, module: before }, { def: successor, module: after }, changes);
  }
  for (const { name } of after.tables) {
    if (named(before.tables, name) === undefined) changes.step(`table ${name} is new`);
  }
  return changes.plan();
}

/**
 * Refuses a plan that breaks clients without the token that shows that it was seen, and any token of
 * another plan. Throws `migration_refused`.
 */
export function expectPermitted(
  plan: MigrationPlan,
  given: string | undefined,
  token: string,
): void {
  if (given !== undefined && given !== token) {
    refuseUpdate('Token provided is invalid or does not match expected hash');
  }
  if (given === undefined && plan.breaksClients) {
    refuseUpdate(
      'Migration plan contains a client-breaking change which is disallowed under current policy',
    );
  }
}

class Changes {
  readonly #steps: string[] = [];
  readonly #reasons: string[] = [];
  #breaksClients = false;

  step(what: string): void {
    this.#steps.push(what);
  }

  breaking(what: string): void {
    this.#breaksClients = true;
    this.step(what);
  }

  refuse(why: string): void {
    this.#reasons.push(why);
  }

  plan(): MigrationPlan {
    if (this.#reasons.length === 0) {
      return { steps: this.#steps, breaksClients: this.#breaksClients };
    }
    const reasons = this.#reasons.join('; ');
    throw new DatabaseError('migration_refused', `Database update rejected: ${reasons}`);
  }
}

interface TableOf {
  readonly def: TableDef;
  readonly module: ModuleDef;
}

function compareTables(before: TableOf, after: TableOf, changes: Changes): void {
  const { name } = before.def;
  if (before.def.isEvent !== after.def.isEvent) {
    changes.refuse(`table ${name}: event tables and others cannot turn into each other`);
  }
  if (before.def.isPublic !== after.def.isPublic) {
    changes.step(`table ${name} becomes ${after.def.isPublic ? 'public' : 'private'}`);
  }
  if (listed(before.def.primaryKey) !== listed(after.def.primaryKey)) {
    changes.step(`table ${name} has another primary key`);
  }
  if (before.def.isEvent) compareEventColumns(before, after, changes);
  else compareColumns(before, after, changes);
  compareIndexes(before.def, after.def, changes);
  for (const columns of newConstraints(before.def, after.def)) {
    changes.step(`table ${name}: ${columnNames(after.def, columns)} is unique now`);
  }
}

/** Rows of an event table are never stored, so only its clients care. */
function compareEventColumns(before: TableOf, after: TableOf, changes: Changes): void {
  const isSame =
    before.def.columns.length === after.def.columns.length &&
    before.def.columns.every((_, position) => isSameColumn(before, after, position));
  if (!isSame) changes.breaking(`event table ${before.def.name} has other columns`);
}

function compareColumns(before: TableOf, after: TableOf, changes: Changes): void {
  const { name } = before.def;
  for (const [position, column] of before.def.columns.entries()) {
    const found = after.def.columns.findIndex((candidate) => candidate.name === column.name);
    if (found < 0) changes.refuse(`table ${name}: column ${column.name} is removed`);
    else if (found !== position) changes.refuse(`table ${name}: column ${column.name} has moved`);
    else if (!isSameColumn(before, after, position)) {
      changes.refuse(`table ${name}: column ${column.name} has another type`);
    }
  }
  for (const [position, column] of after.def.columns.entries()) {
    if (before.def.columns.some((known) => known.name === column.name)) continue;
    if (after.def.defaults.has(position)) {
      changes.breaking(`table ${name}: column ${column.name} is new`);
    } else {
      changes.refuse(`table ${name}: column ${column.name} is new and has no default`);
    }
  }
}

function isSameColumn(before: TableOf, after: TableOf, position: number): boolean {
  const [left, right] = [before.def.columns[position], after.def.columns[position]];
  if (left === undefined || right === undefined || left.name !== right.name) return false;
  return sameType(left.type, before.module.typespace, right.type, after.module.typespace);
}

function compareIndexes(before: TableDef, after: TableDef, changes: Changes): void {
  for (const index of before.indexes) {
    const successor = after.indexes.find((candidate) => nameOf(candidate) === nameOf(index));
    if (successor === undefined) changes.step(`index ${nameOf(index)} is removed`);
    else if (successor.accessorName !== index.accessorName) {
      changes.refuse(`index ${nameOf(index)} has another accessor`);
    }
  }
  for (const index of after.indexes) {
    const isKnown = before.indexes.some((candidate) => nameOf(candidate) === nameOf(index));
    if (!isKnown) changes.step(`index ${nameOf(index)} is new`);
  }
}

/**
 * Copies all rows into the tables of another definition, and returns those that have other bytes
 * there. Throws `migration_refused` where they do not
 * fit: a removed table with rows, a constraint or a sequence that they break. The tables they are
 * copied from stay as they are.
 */
export function migrateRows(from: Datastore, to: Datastore): StoredRow[] {
  const changed: StoredRow[] = [];
  for (const table of from.tables()) {
    const successor = to.table(table.schema.name);
    if (successor?.schema.name !== table.schema.name) {
      if (table.rowCount > 0) {
        refuseUpdate(`Cannot remove table \`${table.schema.name}\`: it has ${table.rowCount} rows`);
      }
      continue;
    }
    changed.push(...migrateTable(table, successor));
  }
  to.load([], from.sequences());
  return changed;
}

function migrateTable(table: Table, successor: Table): StoredRow[] {
  const changed: StoredRow[] = [];
  const [before, after] = [table.schema.def, successor.schema.def];
  const grows = after.columns.length > before.columns.length;
  const isJudged = newConstraints(before, after).length > 0;
  const counted = newSequences(before, after);
  for (const { id, bytes } of table.allRows()) {
    const row = successor.makeRow(grows ? appendDefaults(bytes, before, after) : bytes, id);
    if (isJudged && successor.violatesUnique(row)) {
      refuseUpdate(`table \`${after.name}\`: rows are equal in what is to be unique`);
    }
    for (const { column } of counted) {
      const { start, end } = successor.schema.columnSpan(row.bytes, column);
      if (Number(successor.schema.codec(column).read(row.bytes, start, end)) > 0) {
        refuseUpdate(`table \`${after.name}\`: a column that is to count itself has values`);
      }
    }
    successor.add(row);
    if (grows) changed.push({ id, tableId: successor.id, bytes: row.bytes });
  }
  return changed;
}

/** A row of an older definition, with the columns added since filled with their defaults. */
function appendDefaults(row: Buffer, before: TableDef, after: TableDef): Buffer {
  const added = after.columns.slice(before.columns.length).map((column, index) => {
    const value = after.defaults.get(before.columns.length + index);
    if (value === undefined) throw new Error(`column ${column.name} has no default`);
    return value;
  });
  return Buffer.concat([row, ...added]);
}

function refuseUpdate(why: string): never {
  throw new DatabaseError('migration_refused', `Failed to create or update the database: ${why}`);
}

function newConstraints(before: TableDef, after: TableDef): readonly (readonly number[])[] {
  const known = new Set(before.uniqueConstraints.map(listed));
  return after.uniqueConstraints.filter((columns) => !known.has(listed(columns)));
}

function newSequences(before: TableDef, after: TableDef): readonly SequenceDef[] {
  const known = new Set(before.sequences.map((sequence) => sequence.column));
  return after.sequences.filter((sequence) => !known.has(sequence.column));
}

function named(tables: readonly TableDef[], name: string): TableDef | undefined {
  return tables.find((table) => table.name === name);
}

function nameOf(index: IndexDef): string {
  return index.canonicalName ?? index.sourceName;
}

function columnNames(table: TableDef, columns: readonly number[]): string {
  return columns.map((column) => table.columns[column]?.name).join(', ');
}

function listed(columns: readonly number[]): string {
  return [...columns].sort((left, right) => left - right).join(',');
}
