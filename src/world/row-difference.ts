import type { Row, TableName } from './bindings.ts';
import { RowCodec } from './stored-row.ts';

/** A row that is not what the history makes of it. Names and keys only, never a text of the world. */
export interface RowDifference {
  /** As SQL spells it. */
  readonly table: string;
  /** Its primary key: a number, or hexadecimal digits. */
  readonly key: string;
  /** The first one that differs; undefined where the row is missing, added, or cannot be told apart. */
  readonly column: string | undefined;
  readonly what: 'differs' | 'missing' | 'added';
}

/** Rows as the world stores them, by their keys. */
export type RowsByKey<Name extends TableName> = ReadonlyMap<string, Row<Name>>;

const codecs = new Map<TableName, RowCodec<TableName>>();

export function codecOf<Name extends TableName>(name: Name): RowCodec<Name> {
  let codec = codecs.get(name);
  if (!codec) {
    codec = new RowCodec<TableName>(name);
    codecs.set(name, codec);
  }
  return codec;
}

/** The first of the rows a world has, or should have, that is not the one that the history makes. */
export function firstDifference<Name extends TableName>(
  table: Name,
  key: string,
  expected: Iterable<Uint8Array>,
  actual: Iterable<Row<Name>>,
): RowDifference | undefined {
  const codec = codecOf(table);
  const unexplained = new Map<string, Row<Name>>();
  for (const row of actual) unexplained.set(codec.spelled(key, row), row);
  for (const bytes of expected) {
    const right = codec.decode(bytes);
    const spelled = codec.spelled(key, right);
    const row = unexplained.get(spelled);
    if (!row) return { table, key: spelled, column: undefined, what: 'missing' };
    unexplained.delete(spelled);
    if (Buffer.compare(codec.encode(row), bytes) === 0) continue;
    const column = codec.firstDifference(right, row);
    if (column === undefined) continue;
    return { table, key: spelled, column: inSql(column), what: 'differs' };
  }
  const [added] = unexplained.keys();
  return added === undefined ? undefined : { table, key: added, column: undefined, what: 'added' };
}

/** A column's name as SQL spells it. */
export function inSql(column: string): string {
  return column.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What is wrong, for a person. */
export function describeDifference({ table, key, column, what }: RowDifference): string {
  const row = `table ${table}, row ${key}`;
  switch (what) {
    case 'differs':
      return `${row}, column ${column ?? '?'}: it is not what the history makes of it`;
    case 'missing':
      return `${row}: it is missing, and the history makes it`;
    case 'added':
      return `${row}: it is there, and the history does not make it`;
  }
}
