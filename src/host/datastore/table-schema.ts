import { unwrapSpecial, type Typespace } from '../bsatn/algebraic-type.ts';
import { layoutOf, type Layout } from '../bsatn/layout.ts';
import type { TableDef } from '../module-def.ts';
import { keyCodec, AFTER_PREFIX, type Key, type KeyCodec } from './key.ts';
import type { KeyRange } from './table-index.ts';

/** A column that fills itself when it is inserted as zero. */
export interface AutoColumn {
  readonly column: number;
  readonly byteCount: number;
  readonly start: bigint;
  readonly increment: bigint;
  readonly max: bigint;
}

export interface IndexSchema {
  /** Every name the module may look the index up by. */
  readonly names: readonly string[];
  readonly columns: readonly number[];
  readonly unique: boolean;
}

/** One end of a range scan. */
export type Bound =
  | { readonly kind: 'included' | 'excluded'; readonly value: Buffer }
  | { readonly kind: 'unbounded' };

/** Thrown when bytes are no row, or no key, of their table. */
export class MalformedRowError extends Error {}

/** What is fixed about a table: how its rows lie in bytes and which keys they have. */
export class TableSchema {
  readonly def: TableDef;
  readonly typespace: Typespace;
  readonly indexes: readonly IndexSchema[];
  readonly autoColumns: readonly AutoColumn[];
  /** Position of the unique index that tells rows apart; -1 when only whole rows do. */
  readonly identifyingIndex: number;
  /** Bytes of every row, or null when they differ. */
  readonly fixedRowSize: number | null;
  readonly #layouts: readonly Layout[];
  readonly #codecs: readonly KeyCodec[];
  /** Where each column of the row measured last begins; the last entry is the row's end. */
  readonly #offsets: number[];

  constructor(def: TableDef, typespace: Typespace) {
    this.def = def;
    this.typespace = typespace;
    this.indexes = indexSchemas(def);
    this.autoColumns = autoColumns(def, typespace);
    this.identifyingIndex = identifyingIndex(def, this.indexes);
    this.#layouts = def.columns.map((column) => layoutOf(column.type, typespace));
    this.fixedRowSize = layoutOf({ tag: 'product', elements: def.columns }, typespace).fixedSize;
    this.#codecs = def.columns.map((column) => keyCodec(column.type, typespace));
    this.#offsets = Array.from({ length: def.columns.length + 1 }, () => 0);
  }

  get name(): string {
    return this.def.name;
  }

  /** The keys of a row for all indexes. Throws {@link MalformedRowError} when it is no row. */
  keysOf(bytes: Buffer): Key[] {
    const end = this.#measure(bytes, 0);
    if (end !== bytes.length) throw new MalformedRowError(`${this.name}: a row has ${end} bytes`);
    return this.indexes.map((index) => this.#key(index.columns, bytes));
  }

  /** Where the row that starts at `offset` ends. */
  rowEnd(bytes: Buffer, offset: number): number {
    return this.#measure(bytes, offset);
  }

  /** Where a column's value begins and ends. */
  columnSpan(bytes: Buffer, column: number): { start: number; end: number } {
    let start = 0;
    for (let before = 0; before < column; before++) start = this.#layout(before).skip(bytes, start);
    return { start, end: this.#layout(column).skip(bytes, start) };
  }

  codec(column: number): KeyCodec {
    const codec = this.#codecs[column];
    if (codec === undefined) throw new Error(`${this.name} has no column ${column}`);
    return codec;
  }

  /** The key that encoded column values, one after the other, stand for in an index. */
  pointKey(index: IndexSchema, point: Buffer): Key {
    const [first] = index.columns;
    if (index.columns.length === 1 && first !== undefined) {
      return this.#single(first, point);
    }
    const { text, end } = this.#prefix(index.columns, point);
    if (end !== point.length) throw new MalformedRowError(`${this.name}: a key has ${end} bytes`);
    return text;
  }

  /**
   * The keys between two bounds on the column after a prefix of `prefixColumns` encoded values.
   */
  keyRange(
    index: IndexSchema,
    prefix: Buffer,
    prefixColumns: number,
    lower: Bound,
    upper: Bound,
  ): KeyRange {
    const column = index.columns[prefixColumns];
    if (column === undefined) throw new MalformedRowError(`${this.name}: too many key columns`);
    if (index.columns.length === 1) return this.#singleRange(column, lower, upper);
    const { text } = this.#prefix(index.columns.slice(0, prefixColumns), prefix);
    const part = (value: Buffer) => text + this.#sortable(column, value);
    const from =
      lower.kind === 'unbounded'
        ? text
        : part(lower.value) + (lower.kind === 'excluded' ? AFTER_PREFIX : '');
    const to =
      upper.kind === 'unbounded'
        ? text + AFTER_PREFIX
        : part(upper.value) + (upper.kind === 'included' ? AFTER_PREFIX : '');
    return { starts: (key) => key >= from, continues: (key) => key < to };
  }

  #singleRange(column: number, lower: Bound, upper: Bound): KeyRange {
    const from = lower.kind === 'unbounded' ? null : this.#single(column, lower.value);
    const to = upper.kind === 'unbounded' ? null : this.#single(column, upper.value);
    const openFrom = lower.kind === 'excluded';
    const openTo = upper.kind === 'excluded';
    return {
      starts: (key) => from === null || (openFrom ? key > from : key >= from),
      continues: (key) => to === null || (openTo ? key < to : key <= to),
    };
  }

  #single(column: number, value: Buffer): Key {
    const codec = this.codec(column);
    this.#expectWhole(codec.skip(value, 0), value);
    return codec.read(value, 0, value.length);
  }

  #sortable(column: number, value: Buffer): string {
    const codec = this.codec(column);
    this.#expectWhole(codec.skip(value, 0), value);
    return codec.sortable(value, 0, value.length);
  }

  #expectWhole(end: number, value: Buffer): void {
    if (end !== value.length) throw new MalformedRowError(`${this.name}: a key has ${end} bytes`);
  }

  #prefix(columns: readonly number[], values: Buffer): { text: string; end: number } {
    let text = '';
    let offset = 0;
    for (const column of columns) {
      const codec = this.codec(column);
      const end = codec.skip(values, offset);
      text += codec.sortable(values, offset, end);
      offset = end;
    }
    return { text, end: offset };
  }

  #key(columns: readonly number[], bytes: Buffer): Key {
    const [first] = columns;
    if (columns.length === 1 && first !== undefined) {
      return this.codec(first).read(bytes, this.#offset(first), this.#offset(first + 1));
    }
    let text = '';
    for (const column of columns) {
      text += this.codec(column).sortable(bytes, this.#offset(column), this.#offset(column + 1));
    }
    return text;
  }

  #measure(bytes: Buffer, start: number): number {
    let offset = start;
    try {
      for (let column = 0; column < this.#layouts.length; column++) {
        this.#offsets[column] = offset;
        offset = this.#layout(column).skip(bytes, offset);
      }
    } catch (error) {
      throw new MalformedRowError(`${this.name}: a row cannot be decoded`, { cause: error });
    }
    this.#offsets[this.#layouts.length] = offset;
    return offset;
  }

  #offset(column: number): number {
    return this.#offsets[column] ?? 0;
  }

  #layout(column: number): Layout {
    const layout = this.#layouts[column];
    if (layout === undefined) throw new Error(`${this.name} has no column ${column}`);
    return layout;
  }
}

function sameColumns(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((column) => right.includes(column));
}

function indexSchemas(def: TableDef): IndexSchema[] {
  const unique = (columns: readonly number[]) =>
    def.uniqueConstraints.some((constraint) => sameColumns(constraint, columns));
  const declared = def.indexes.map((index) => ({
    names: [index.sourceName, index.canonicalName].filter((name) => name !== null),
    columns: index.columns,
    unique: unique(index.columns),
  }));
  const missing = def.uniqueConstraints
    .filter((constraint) => !declared.some((index) => sameColumns(index.columns, constraint)))
    .map((columns) => ({ names: [], columns, unique: true }));
  return [...declared, ...missing];
}

function identifyingIndex(def: TableDef, indexes: readonly IndexSchema[]): number {
  const primary = indexes.findIndex(
    (index) => index.unique && sameColumns(index.columns, def.primaryKey),
  );
  return primary >= 0 ? primary : indexes.findIndex((index) => index.unique);
}

const INTEGERS: Readonly<Record<string, { byteCount: number; signed: boolean }>> = {
  i8: { byteCount: 1, signed: true },
  u8: { byteCount: 1, signed: false },
  i16: { byteCount: 2, signed: true },
  u16: { byteCount: 2, signed: false },
  i32: { byteCount: 4, signed: true },
  u32: { byteCount: 4, signed: false },
  i64: { byteCount: 8, signed: true },
  u64: { byteCount: 8, signed: false },
  i128: { byteCount: 16, signed: true },
  u128: { byteCount: 16, signed: false },
  i256: { byteCount: 32, signed: true },
  u256: { byteCount: 32, signed: false },
};

function autoColumns(def: TableDef, typespace: Typespace): AutoColumn[] {
  return def.sequences
    .map((sequence) => {
      const column = def.columns[sequence.column];
      const type = column === undefined ? null : unwrapSpecial(column.type, typespace);
      const integer = type === null ? undefined : INTEGERS[type.tag];
      if (integer === undefined) throw new Error(`${def.name}: a sequence counts no integer`);
      const bits = BigInt(integer.byteCount * 8 - (integer.signed ? 1 : 0));
      return {
        column: sequence.column,
        byteCount: integer.byteCount,
        start: sequence.start ?? 1n,
        increment: sequence.increment,
        max: sequence.max ?? (1n << bits) - 1n,
      };
    })
    .sort((left, right) => left.column - right.column);
}
