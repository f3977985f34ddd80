import { resolveType, unwrapSpecial } from '../bsatn/algebraic-type.ts';
import type { Key } from '../datastore/key.ts';
import type { Row } from '../datastore/row.ts';
import type { Bound } from '../datastore/table-schema.ts';
import type { Table } from '../datastore/table.ts';
import { snakeCase } from '../module-def.ts';
import type { IdentityHex } from '../identity.ts';
import { encodeLiteral, wrapperField, type Literal } from './literal.ts';
import { QueryError, type Comparison, type Condition, type Query } from './sql.ts';

/** A query bound to a table: which rows it wants, now and of every change. */
export interface QueryPlan {
  readonly table: Table;
  /** Equal for plans that want the same rows. */
  readonly fingerprint: string;
  /** Columns that must have one certain value in every row the query wants. */
  readonly equalities: readonly { readonly column: number; readonly key: Key }[];
  matches(row: Row): boolean;
  /** The rows the query wants now. */
  rows(): readonly Row[];
}

interface ColumnTest {
  readonly kind: 'test';
  readonly column: number;
  readonly comparison: Comparison;
  readonly key: Key;
  /** BSATN of the value compared with. */
  readonly value: Buffer;
}

interface ColumnPair {
  readonly kind: 'pair';
  readonly left: number;
  readonly comparison: Comparison;
  readonly right: number;
}

type Test =
  | { readonly kind: 'and' | 'or'; readonly left: Test; readonly right: Test }
  | { readonly kind: 'always' }
  | ColumnTest
  | ColumnPair;

/** Binds a parsed query to its table. Throws {@link QueryError} when they do not fit. */
export function planQuery(query: Query, table: Table, sender: IdentityHex): QueryPlan {
  const test = query.where === null ? ALWAYS : bind(query.where, { query, table, sender });
  const conjuncts = conjunctsOf(test);
  const matches = compile(test, table);
  return {
    table,
    fingerprint: `${table.id} ${fingerprint(test)}`,
    equalities: conjuncts
      .filter((each) => each.comparison === '=')
      .map(({ column, key }) => ({ column, key })),
    matches,
    rows: () => candidates(table, conjuncts).filter(matches),
  };
}

const ALWAYS: Test = { kind: 'always' };

interface Scope {
  readonly query: Query;
  readonly table: Table;
  readonly sender: IdentityHex;
}

function bind(condition: Condition, scope: Scope): Test {
  if (condition.kind !== 'compare') {
    const left = bind(condition.left, scope);
    return { kind: condition.kind, left, right: bind(condition.right, scope) };
  }
  const { comparison, left, right } = condition;
  if (left.kind === 'column') {
    const column = resolveColumn(left, scope);
    if (right.kind !== 'column') return bindTest(column, comparison, right, scope);
    return bindPair(column, comparison, resolveColumn(right, scope), scope);
  }
  if (right.kind === 'column') {
    return bindTest(resolveColumn(right, scope), MIRRORED[comparison], left, scope);
  }
  throw new QueryError('a comparison needs a column');
}

function bindTest(
  column: number,
  comparison: Comparison,
  literal: Literal,
  { table, sender }: Scope,
): ColumnTest {
  const def = table.schema.def.columns[column];
  if (def === undefined) throw new QueryError(`no column ${column}`);
  const value = encodeLiteral(literal, def.type, table.schema.typespace, sender);
  const key = table.schema.codec(column).read(value, 0, value.length);
  expectOrder(table, column, comparison);
  return { kind: 'test', column, comparison, key, value };
}

function bindPair(
  left: number,
  comparison: Comparison,
  right: number,
  { table }: Scope,
): ColumnPair {
  if (kindOf(table, left) !== kindOf(table, right)) {
    throw new QueryError('the columns compared differ in type');
  }
  expectOrder(table, left, comparison);
  return { kind: 'pair', left, comparison, right };
}

function contentTag(table: Table, column: number): string {
  const def = table.schema.def.columns[column];
  return def === undefined ? '' : unwrapSpecial(def.type, table.schema.typespace).tag;
}

function isBytes(table: Table, column: number): boolean {
  const def = table.schema.def.columns[column];
  const type = def === undefined ? null : resolveType(def.type, table.schema.typespace);
  return type?.tag === 'array' && type.element.tag === 'u8';
}

/** Tells identities from plain numbers, too. */
function kindOf(table: Table, column: number): string {
  const def = table.schema.def.columns[column];
  const wrapper = def === undefined ? null : wrapperField(def.type, table.schema.typespace);
  return `${wrapper ?? ''} ${contentTag(table, column)}`;
}

function expectOrder(table: Table, column: number, comparison: Comparison): void {
  const tag = contentTag(table, column);
  const isOrdered = tag !== 'array' && tag !== 'sum' && tag !== 'product';
  const isEquality = comparison === '=' || comparison === '<>';
  if (!isOrdered && !(isEquality && isBytes(table, column))) {
    throw new QueryError(`Invalid binary operator \`${comparison}\` for type \`${tag}\``);
  }
}

function resolveColumn(
  operand: { readonly table: string | null; readonly name: string },
  { query, table }: Scope,
): number {
  const { name } = operand;
  if (operand.table !== null && operand.table !== query.alias && operand.table !== query.table) {
    throw new QueryError(`\`${operand.table}\` is not in scope`);
  }
  const { columns } = table.schema.def;
  const exact = columns.findIndex((column) => column.name === name);
  if (exact >= 0) return exact;
  const canonical = columns.findIndex((column) => snakeCase(column.name ?? '') === name);
  if (canonical >= 0) return canonical;
  throw new QueryError(`\`${query.table}\` does not have a field \`${name}\``);
}

const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '>': '<',
  '<=': '>=',
  '>=': '<=',
};

function compile(test: Test, table: Table): (row: Row) => boolean {
  switch (test.kind) {
    case 'always':
      return () => true;
    case 'and': {
      const [left, right] = [compile(test.left, table), compile(test.right, table)];
      return (row) => left(row) && right(row);
    }
    case 'or': {
      const [left, right] = [compile(test.left, table), compile(test.right, table)];
      return (row) => left(row) || right(row);
    }
    case 'test': {
      const [read, holds] = [columnReader(table, test.column), HOLDS[test.comparison]];
      return (row) => holds(read(row), test.key);
    }
    case 'pair': {
      const [left, right] = [columnReader(table, test.left), columnReader(table, test.right)];
      const holds = HOLDS[test.comparison];
      return (row) => holds(left(row), right(row));
    }
  }
}

const HOLDS: Readonly<Record<Comparison, (left: Key, right: Key) => boolean>> = {
  '=': (left, right) => left === right,
  '<>': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '>': (left, right) => left > right,
  '<=': (left, right) => left <= right,
  '>=': (left, right) => left >= right,
};

/** Reads a column's key from a row, out of the index that has it already where there is one. */
export function columnReader(table: Table, column: number): (row: Row) => Key {
  const { schema } = table;
  const position = schema.indexes.findIndex(
    (index) => index.columns.length === 1 && index.columns[0] === column,
  );
  const index = table.indexes[position];
  if (index !== undefined) return (row) => index.keyOf(row);
  const codec = schema.codec(column);
  return (row) => {
    const { start, end } = schema.columnSpan(row.bytes, column);
    return codec.read(row.bytes, start, end);
  };
}

/** The tests on single columns that every wanted row passes. */
function conjunctsOf(test: Test): ColumnTest[] {
  if (test.kind === 'test') return [test];
  if (test.kind === 'and') return [...conjunctsOf(test.left), ...conjunctsOf(test.right)];
  return [];
}

/** Rows among which are all the wanted ones, by the index that narrows them best. */
function candidates(table: Table, conjuncts: readonly ColumnTest[]): readonly Row[] {
  const equal = (column: number) =>
    conjuncts.find((test) => test.column === column && test.comparison === '=');
  let best = { position: -1, columns: 0, score: 0 };
  for (const [position, index] of table.schema.indexes.entries()) {
    const prefix = index.columns.findIndex((column) => equal(column) === undefined);
    const columns = prefix < 0 ? index.columns.length : prefix;
    const next = index.columns[columns];
    const ranged = next !== undefined && boundsOn(conjuncts, next) !== null;
    const score = columns * 2 + (ranged ? 1 : 0);
    if (score > best.score) best = { position, columns, score };
  }
  const index = table.indexes[best.position];
  const schema = table.schema.indexes[best.position];
  if (index === undefined || schema === undefined) return table.allRows();
  const prefixColumns = schema.columns.slice(0, best.columns);
  const prefix = Buffer.concat(prefixColumns.flatMap((column) => equal(column)?.value ?? []));
  if (best.columns === schema.columns.length) {
    return index.many(table.schema.pointKey(schema, prefix));
  }
  const next = schema.columns[best.columns];
  const bounds = (next === undefined ? null : boundsOn(conjuncts, next)) ?? UNBOUNDED;
  const { lower, upper } = bounds;
  return index.range(table.schema.keyRange(schema, prefix, best.columns, lower, upper));
}

interface Bounds {
  readonly lower: Bound;
  readonly upper: Bound;
}

const UNBOUNDED: Bounds = { lower: { kind: 'unbounded' }, upper: { kind: 'unbounded' } };

function boundsOn(conjuncts: readonly ColumnTest[], column: number): Bounds | null {
  let { lower, upper } = UNBOUNDED;
  for (const { column: tested, comparison, value } of conjuncts) {
    if (tested !== column) continue;
    const kind = comparison.length === 1 ? 'excluded' : 'included';
    if (comparison === '>' || comparison === '>=') lower = { kind, value };
    if (comparison === '<' || comparison === '<=') upper = { kind, value };
  }
  return lower.kind === 'unbounded' && upper.kind === 'unbounded' ? null : { lower, upper };
}

function fingerprint(test: Test): string {
  switch (test.kind) {
    case 'and':
    case 'or':
      return `(${fingerprint(test.left)} ${test.kind} ${fingerprint(test.right)})`;
    case 'test':
      return `${test.column}${test.comparison}${test.value.toString('base64')}`;
    case 'pair':
      return `${test.left}${test.comparison}#${test.right}`;
    case 'always':
      return '';
  }
}
