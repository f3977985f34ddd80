import { unwrapSpecial, type AlgebraicType, type Typespace } from '../bsatn/algebraic-type.ts';
import { layoutOf } from '../bsatn/layout.ts';

/**
 * A column's value, or several columns' values together, as something a `Map` can hold and `<` can
 * order. All keys of one index are numbers and bigints, or all are strings.
 */
export type Key = number | bigint | string;

/** Reads keys out of encoded values of one type. */
export interface KeyCodec {
  /** The key of the value that lies at `start` and ends before `end`. */
  read(bytes: Buffer, start: number, end: number): Key;
  /** Appends-ready form: strings whose order is the order of the keys, none a prefix of another. */
  sortable(bytes: Buffer, start: number, end: number): string;
  /** Offset after the value at `offset`. */
  skip(bytes: Buffer, offset: number): number;
}

/** Greater than every character a sortable key can hold. */
export const AFTER_PREFIX = '\uffff';

export function keyCodec(type: AlgebraicType, typespace: Typespace): KeyCodec {
  const layout = layoutOf(type, typespace);
  const skip = (bytes: Buffer, offset: number) => layout.skip(bytes, offset);
  const content = unwrapSpecial(type, typespace);
  const plain = plainReaders(content);
  if (plain !== null) return { ...plain, skip };
  if (content.tag === 'sum' && layout.fixedSize === 1) return { ...BYTE, skip };
  if (content.tag === 'string') return { ...TEXT, skip };
  return { ...OPAQUE, skip };
}

type Readers = Pick<KeyCodec, 'read' | 'sortable'>;

function number(read: (bytes: Buffer, start: number) => number, bytes: number, signed = false) {
  const shift = signed ? 2 ** (bytes * 8 - 1) : 0;
  const readers: Readers = {
    read,
    sortable: (buffer, start) => bigEndian(read(buffer, start) + shift, bytes),
  };
  return readers;
}

function bigEndian(value: number, bytes: number): string {
  scratch.writeUIntBE(value, 0, bytes);
  return scratch.toString('latin1', 0, bytes);
}

const scratch = Buffer.alloc(32);

const BYTE = number((bytes, start) => bytes.readUInt8(start), 1);

/** Strings compare by their UTF-8 bytes, as SpacetimeDB compares them. */
const TEXT: Readers = {
  read: (bytes, start, end) => bytes.toString('latin1', start + 4, end),
  sortable: (bytes, start, end) => terminated(bytes.toString('latin1', start + 4, end)),
};

/** Values without an order of their own: equality is right, ranges are merely consistent. */
const OPAQUE: Readers = {
  read: (bytes, start, end) => bytes.toString('latin1', start, end),
  sortable: (bytes, start, end) => terminated(bytes.toString('latin1', start, end)),
};

function terminated(text: string): string {
  return `${text.includes('\0') ? text.replaceAll('\0', '\0\xff') : text}\0\0`;
}

const UNSIGNED_LONG: Readers = {
  read: readUnsignedLong,
  sortable: (bytes, start) => reversed(bytes, start, 8, false),
};

const SIGNED_LONG: Readers = {
  read: readSignedLong,
  sortable: (bytes, start) => reversed(bytes, start, 8, true),
};

function wide(byteCount: number, signed: boolean): Readers {
  const read = (bytes: Buffer, start: number) => reversed(bytes, start, byteCount, signed);
  return { read, sortable: read };
}

function floating(byteCount: 4 | 8): Readers {
  const read = (bytes: Buffer, start: number) =>
    byteCount === 4 ? bytes.readFloatLE(start) : bytes.readDoubleLE(start);
  return { read, sortable: (bytes, start) => sortableDouble(read(bytes, start)) };
}

function plainReaders(type: AlgebraicType): Readers | null {
  switch (type.tag) {
    case 'bool':
    case 'u8':
      return BYTE;
    case 'i8':
      return number((bytes, start) => bytes.readInt8(start), 1, true);
    case 'u16':
      return number((bytes, start) => bytes.readUInt16LE(start), 2);
    case 'i16':
      return number((bytes, start) => bytes.readInt16LE(start), 2, true);
    case 'u32':
      return number((bytes, start) => bytes.readUInt32LE(start), 4);
    case 'i32':
      return number((bytes, start) => bytes.readInt32LE(start), 4, true);
    case 'u64':
      return UNSIGNED_LONG;
    case 'i64':
      return SIGNED_LONG;
    case 'u128':
    case 'i128':
      return wide(16, type.tag === 'i128');
    case 'u256':
    case 'i256':
      return wide(32, type.tag === 'i256');
    case 'f32':
      return floating(4);
    case 'f64':
      return floating(8);
    default:
      return null;
  }
}

const HIGH = 2 ** 32;

// A number wherever it is exact: cheap to hash and compare, and the same value is always the same
// kind, so equality holds.
function readUnsignedLong(bytes: Buffer, start: number): Key {
  const high = bytes.readUInt32LE(start + 4);
  if (high < 0x200000) return high * HIGH + bytes.readUInt32LE(start);
  return bytes.readBigUInt64LE(start);
}

function readSignedLong(bytes: Buffer, start: number): Key {
  const high = bytes.readInt32LE(start + 4);
  if (high < 0x200000 && high >= -0x200000) return high * HIGH + bytes.readUInt32LE(start);
  return bytes.readBigInt64LE(start);
}

/** Big-endian characters of a little-endian integer, its sign bit turned so that order holds. */
function reversed(bytes: Buffer, start: number, byteCount: number, signed: boolean): string {
  for (let index = 0; index < byteCount; index++) {
    scratch[index] = bytes.readUInt8(start + byteCount - 1 - index);
  }
  if (signed) scratch[0] = scratch.readUInt8(0) ^ 0x80;
  return scratch.toString('latin1', 0, byteCount);
}

function sortableDouble(value: number): string {
  scratch.writeDoubleBE(value === 0 ? 0 : value);
  const negative = scratch.readUInt8(0) >= 0x80;
  for (let index = 0; index < 8; index++) {
    scratch[index] = scratch.readUInt8(index) ^ (negative ? 0xff : index === 0 ? 0x80 : 0);
  }
  return scratch.toString('latin1', 0, 8);
}
