/**
 * Owns: planning of the queries of which clients ask many hundreds at once, each for the rows that have a number,
 * two numbers or a word in the columns of an index. Plans what `parseQuery` and `planQuery` would, in a part of
 * the time.
 */
import type { Key } from '../datastore/key.ts';
import type { Row } from '../datastore/row.ts';
import type { TableIndex } from '../datastore/table-index.ts';
import type { Table } from '../datastore/table.ts';
import type { IndexSchema } from '../datastore/table-schema.ts';
import { snakeCase } from '../module-def.ts';
import { resolveType } from '../bsatn/algebraic-type.ts';
import type { QueryPlan } from './query-plan.ts';

export interface PointQuery {
  readonly table: string;
  /** The columns, in the order of the query, as one word. */
  readonly columns: string;
  readonly values: readonly (number | string)[];
}

/** The parts of such a query; undefined for any other one. */
export function readPointQuery(text: string): PointQuery | undefined {
  // What is longer is the other planner's to refuse.
  if (text.length > MOST_CHARACTERS) return undefined;
  const [, table, column, digits, word, second, digits2] = POINT_QUERY.exec(text) ?? [];
  if (table === undefined || column === undefined) return undefined;
  const value = digits === undefined ? word! : Number(digits);
  if (second === undefined) return { table, columns: column, values: [value] };
  return { table, columns: `${column} ${second}`, values: [value, Number(digits2)] };
}

const MOST_CHARACTERS = 500;

/** A word has no character that is more than one byte in UTF-8, nor a quote. */
const POINT_QUERY =
  /^SELECT \* FROM (\w+) WHERE (\w+) = (?:(\d{1,10})|'(\w*)')(?: AND (\w+) = (\d{1,10}))?$/;

/** The plan; undefined where these columns are no index, or have other types. */
export function planPointQuery({ columns, values }: PointQuery, table: Table) {
  const found = indexedPoints(table).get(columns);
  const fits = found?.types.every((type, position) => isOfType(type, values[position]!));
  return found && fits ? new PointPlan(table, found, values) : undefined;
}

function isOfType(type: string, value: number | string): boolean {
  return typeof value === 'string' ? type === 'string' : type === 'u32' && value <= LARGEST_U32;
}

class PointPlan implements QueryPlan {
  readonly table: Table;
  readonly fingerprint: string;
  readonly equalities: QueryPlan['equalities'];
  readonly #index: TableIndex;
  readonly #key: Key;

  constructor(table: Table, { schema, index }: IndexedPoint, values: readonly (number | string)[]) {
    const encoded = values.map(encode);
    this.table = table;
    this.#index = index;
    const [value, ...more] = values;
    this.#key = more.length === 0 ? value! : table.schema.pointKey(schema, Buffer.concat(encoded));
    this.equalities = values.map((key, position) => ({ column: schema.columns[position]!, key }));
    const tests = encoded.map((bytes, position) => {
      return `${schema.columns[position]}=${bytes.toString('base64')}`;
    });
    this.fingerprint = `${table.id} ${tests.length === 1 ? tests[0] : `(${tests.join(' and ')})`}`;
  }

  matches(row: Row): boolean {
    return this.#index.keyOf(row) === this.#key;
  }

  rows(): readonly Row[] {
    return this.#index.many(this.#key);
  }
}

/** BSATN of a number of 32 bits, or of a word. */
function encode(value: number | string): Buffer {
  if (typeof value === 'number') {
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeUInt32LE(value, 0);
    return bytes;
  }
  const bytes = Buffer.allocUnsafe(4 + value.length);
  bytes.writeUInt32LE(value.length, 0);
  bytes.write(value, 4, 'latin1');
  return bytes;
}

interface IndexedPoint {
  readonly schema: IndexSchema;
  readonly index: TableIndex;
  readonly types: readonly string[];
}

/** The indexes of up to two columns of numbers or words, by the names that a query may use for these. */
function indexedPoints(table: Table): ReadonlyMap<string, IndexedPoint> {
  const known = tables.get(table);
  if (known) return known;
  const found = new Map<string, IndexedPoint>();
  for (const [position, schema] of table.schema.indexes.entries()) {
    const defs = schema.columns.map((column) => table.schema.def.columns[column]!);
    const types = defs.map(({ type }) => resolveType(type, table.schema.typespace).tag);
    const index = table.indexes[position];
    if (index === undefined || defs.length > 2) continue;
    const names = defs.map(({ name }) => name ?? '');
    for (const spelling of [names.map(snakeCase).join(' '), names.join(' ')]) {
      if (!found.has(spelling)) found.set(spelling, { schema, index, types });
    }
  }
  tables.set(table, found);
  return found;
}

const tables = new WeakMap<Table, ReadonlyMap<string, IndexedPoint>>();
const LARGEST_U32 = 0xffff_ffff;
