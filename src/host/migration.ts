import { sameType } from './bsatn/algebraic-type.ts';
import { DatabaseError } from './database-error.ts';
import type { ModuleDef, TableDef } from './module-def.ts';

/**
 * Checks that a database of one definition can become one of another without a migration by hand,
 * by SpacetimeDB's rules: tables may be added, and columns with defaults appended. Throws
 * `migration_refused` with every reason.
 */
export function checkMigration(before: ModuleDef, after: ModuleDef): void {
  const reasons = before.tables.flatMap((table) => {
    const successor = after.tables.find((candidate) => candidate.name === table.name);
    if (successor === undefined) return [`table ${table.name} is gone`];
    return tableReasons(table, successor, before, after);
  });
  if (reasons.length === 0) return;
  throw new DatabaseError('migration_refused', `Database update rejected: ${reasons.join('; ')}`);
}

function tableReasons(
  before: TableDef,
  after: TableDef,
  beforeModule: ModuleDef,
  afterModule: ModuleDef,
): string[] {
  const reasons: string[] = [];
  const refuse = (what: string) => reasons.push(`table ${before.name}: ${what}`);
  for (const [position, column] of before.columns.entries()) {
    const successor = after.columns[position];
    if (successor?.name !== column.name) refuse(`column ${column.name} is gone or has moved`);
    else if (
      !sameType(column.type, beforeModule.typespace, successor.type, afterModule.typespace)
    ) {
      refuse(`column ${column.name} has another type`);
    }
  }
  for (const [position, column] of after.columns.entries()) {
    if (position >= before.columns.length && !after.defaults.has(position)) {
      refuse(`column ${column.name} is new and has no default`);
    }
  }
  if (listed(before.primaryKey) !== listed(after.primaryKey)) refuse('another primary key');
  if (before.isEvent !== after.isEvent)
    refuse('event tables and others cannot turn into each other');
  const unique = new Set(before.uniqueConstraints.map(listed));
  for (const constraint of after.uniqueConstraints) {
    if (!unique.has(listed(constraint))) refuse('a unique constraint is new');
  }
  const sequences = new Set(before.sequences.map((sequence) => sequence.column));
  for (const { column } of after.sequences) {
    if (!sequences.has(column)) refuse(`column ${after.columns[column]?.name} counts itself now`);
  }
  return reasons;
}

function listed(columns: readonly number[]): string {
  return [...columns].sort((left, right) => left - right).join(',');
}
