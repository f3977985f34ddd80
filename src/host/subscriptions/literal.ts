import {
  resolveType,
  unwrapSpecial,
  type AlgebraicType,
  type Typespace,
} from '../bsatn/algebraic-type.ts';
import { BsatnWriter } from '../bsatn/writer.ts';
import { hexToBsatn, type IdentityHex } from '../identity.ts';
import { QueryError, type Operand } from './sql.ts';

export type Literal = Exclude<Operand, { kind: 'column' }>;

/**
 * The BSATN of a query's literal as a value of a column's type. Throws {@link QueryError} when it
 * is none.
 */
export function encodeLiteral(
  literal: Literal,
  type: AlgebraicType,
  typespace: Typespace,
  sender: IdentityHex,
): Buffer {
  const wrapper = wrapperField(type, typespace);
  const content = unwrapSpecial(type, typespace);
  const encoded = encodeContent(literal, content, wrapper, sender);
  if (encoded === null) {
    const shown = 'text' in literal ? literal.text : literal.kind;
    throw new QueryError(
      `The literal expression \`${shown}\` cannot be parsed as type \`${wrapper ?? content.tag}\``,
    );
  }
  return encoded;
}

/** The field name that tells Identity, Timestamp and their like from plain integers. */
export function wrapperField(type: AlgebraicType, typespace: Typespace): string | null {
  const resolved = resolveType(type, typespace);
  if (resolved.tag !== 'product' || resolved.elements.length !== 1) return null;
  return resolved.elements[0]?.name ?? null;
}

function encodeContent(
  literal: Literal,
  type: AlgebraicType,
  wrapper: string | null,
  sender: IdentityHex,
): Buffer | null {
  switch (literal.kind) {
    case 'sender':
      return wrapper === IDENTITY ? hexToBsatn(sender) : null;
    case 'bool':
      return type.tag === 'bool' && wrapper === null ? Buffer.from([literal.value ? 1 : 0]) : null;
    case 'hex':
      return encodeHex(literal.text, type, wrapper);
    case 'string':
      return encodeString(literal.text, type, wrapper);
    case 'number':
      return wrapper === null ? encodeNumber(literal.text, type) : null;
  }
}

/** Plain integers are written in decimal only. */
function encodeHex(digits: string, type: AlgebraicType, wrapper: string | null): Buffer | null {
  const byteCount = wrapper === null ? undefined : WRAPPED_BYTES[wrapper];
  if (byteCount !== undefined) {
    return digits.length === byteCount * 2 ? hexToBsatn(digits) : null;
  }
  const isBytes = wrapper === null && type.tag === 'array' && type.element.tag === 'u8';
  if (!isBytes || digits.length % 2 !== 0) return null;
  return new BsatnWriter().bytes(Buffer.from(digits, 'hex')).take();
}

function encodeString(text: string, type: AlgebraicType, wrapper: string | null): Buffer | null {
  if (type.tag === 'string' && wrapper === null) return new BsatnWriter().string(text).take();
  const digits = /^(?:0x)?([0-9a-fA-F]+)$/.exec(text)?.[1];
  if (wrapper !== null && wrapper in WRAPPED_BYTES) {
    return digits === undefined ? null : encodeHex(digits, type, wrapper);
  }
  if (type.tag !== 'i64' || wrapper !== '__timestamp_micros_since_unix_epoch__') return null;
  const micros = microsOf(text);
  return micros === null ? null : new BsatnWriter().i64(micros).take();
}

/** Reads an RFC 3339 time; JavaScript's own parser drops what is finer than a millisecond. */
function microsOf(text: string): bigint | null {
  const match = /^(.*?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)$/.exec(text);
  const seconds = match === null ? Number.NaN : Date.parse(`${match[1] ?? ''}${match[3] ?? ''}`);
  if (Number.isNaN(seconds)) return null;
  return BigInt(seconds) * 1000n + BigInt((match?.[2] ?? '').padEnd(6, '0').slice(0, 6));
}

const IDENTITY = '__identity__';

/** Bytes of what is written as hexadecimal digits. */
const WRAPPED_BYTES: Readonly<Record<string, number>> = { [IDENTITY]: 32, __connection_id__: 16 };

const INTEGER_BITS: Readonly<Record<string, number>> = {
  i8: 7,
  u8: 8,
  i16: 15,
  u16: 16,
  i32: 31,
  u32: 32,
  i64: 63,
  u64: 64,
  i128: 127,
  u128: 128,
  i256: 255,
  u256: 256,
};

function encodeNumber(text: string, type: AlgebraicType): Buffer | null {
  if (type.tag === 'f32') return new BsatnWriter().f32(Number(text)).take();
  if (type.tag === 'f64') return new BsatnWriter().f64(Number(text)).take();
  const bits = INTEGER_BITS[type.tag];
  if (bits === undefined || !/^[+-]?\d+$/.test(text)) return null;
  const value = BigInt(text.replace(/^\+/, ''));
  const signed = bits % 8 === 7;
  const limit = 1n << BigInt(bits);
  if (value >= limit || value < (signed ? -limit : 0n)) return null;
  return new BsatnWriter().integer(value, Math.ceil(bits / 8)).take();
}
