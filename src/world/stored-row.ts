import { AlgebraicType, BinaryReader, BinaryWriter } from 'spacetimedb';
import { columnsOf, type Row, type TableName } from './bindings.ts';

/** Rows of one table as they are stored: equal rows have equal bytes. */
export class RowCodec<Name extends TableName> {
  readonly columns: readonly string[];
  readonly #writers: readonly ((writer: BinaryWriter, value: unknown) => void)[];
  readonly #readers: readonly ((reader: BinaryReader) => unknown)[];

  constructor(name: Name) {
    const columns = columnsOf(name);
    this.columns = columns.map((column) => column.name);
    this.#writers = columns.map(({ type }) => AlgebraicType.makeSerializer(type));
    this.#readers = columns.map(({ type }) => AlgebraicType.makeDeserializer(type));
  }

  /** What tells a value apart from all others of its column, as text. */
  spelled(column: string, row: Row<Name>): string {
    const value: unknown = (row as Record<string, unknown>)[column];
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
    return (value as { toHexString(): string }).toHexString();
  }

  encode(row: Row<Name>): Uint8Array {
    const writer = new BinaryWriter(FIRST_BYTES);
    for (const [index, column] of this.columns.entries()) {
      this.#writers[index]!(writer, (row as Record<string, unknown>)[column]);
    }
    return writer.getBuffer();
  }

  decode(bytes: Uint8Array): Row<Name> {
    const reader = new BinaryReader(bytes);
    const row = this.columns.map((column, index) => [column, this.#readers[index]!(reader)]);
    return Object.fromEntries(row) as Row<Name>;
  }

  /** The first column in which two rows differ; undefined when they are the same. */
  firstDifference(one: Row<Name>, other: Row<Name>): string | undefined {
    return this.columns.find((column, index) => {
      const bytes = [one, other].map((row) => {
        const writer = new BinaryWriter(FIRST_BYTES);
        this.#writers[index]!(writer, (row as Record<string, unknown>)[column]);
        return writer.getBuffer();
      });
      return Buffer.compare(bytes[0]!, bytes[1]!) !== 0;
    });
  }
}

const FIRST_BYTES = 256;
