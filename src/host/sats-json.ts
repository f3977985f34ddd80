import {
  optionContent,
  resolveType,
  type AlgebraicType,
  type NamedType,
  type Typespace,
} from './bsatn/algebraic-type.ts';
import type { BsatnReader } from './bsatn/reader.ts';
import type { BsatnWriter } from './bsatn/writer.ts';

/** Thrown when JSON is no value of the type it should be; the message says where. */
export class SatsJsonError extends Error {}

/**
 * Writes a value given in SpacetimeDB's JSON: products as arrays or objects, sums as
 * `{"variant": value}`, byte arrays and wide integers as hex. Throws {@link SatsJsonError}.
 */
export function writeJsonValue(
  writer: BsatnWriter,
  value: unknown,
  type: AlgebraicType,
  typespace: Typespace,
): void {
  const resolved = resolveType(type, typespace);
  switch (resolved.tag) {
    case 'product':
      writeProduct(writer, value, resolved.elements, typespace);
      return;
    case 'sum':
      writeSum(writer, value, resolved, typespace);
      return;
    case 'array':
      writeArray(writer, value, resolved.element, typespace);
      return;
    case 'string':
      writer.string(expect('string', value));
      return;
    case 'bool':
      writer.bool(expect('boolean', value));
      return;
    case 'f32':
      writer.f32(expect('number', value));
      return;
    case 'f64':
      writer.f64(expect('number', value));
      return;
    default:
      writeInteger(writer, value, resolved.tag);
  }
}

/** The JSON of an encoded value. */
export function readJsonValue(
  reader: BsatnReader,
  type: AlgebraicType,
  typespace: Typespace,
): unknown {
  const resolved = resolveType(type, typespace);
  switch (resolved.tag) {
    case 'product':
      return resolved.elements.map((element) => readJsonValue(reader, element.type, typespace));
    case 'sum': {
      const tag = reader.u8();
      const variant = resolved.variants[tag];
      if (variant === undefined) throw new RangeError(`variant ${tag}`);
      return [tag, readJsonValue(reader, variant.type, typespace)];
    }
    case 'array':
      if (resolved.element.tag === 'u8') return reader.bytes().toString('hex');
      return reader.array(() => readJsonValue(reader, resolved.element, typespace));
    case 'string':
      return reader.string();
    case 'bool':
      return reader.bool();
    case 'f32':
      return reader.f32();
    case 'f64':
      return reader.f64();
    default:
      return readInteger(reader, resolved.tag);
  }
}

function expect(kind: 'string', value: unknown): string;
function expect(kind: 'number', value: unknown): number;
function expect(kind: 'boolean', value: unknown): boolean;
function expect(kind: string, value: unknown): unknown {
  if (typeof value !== kind) throw new SatsJsonError(`expected a ${kind}`);
  return value;
}

function writeProduct(
  writer: BsatnWriter,
  value: unknown,
  elements: readonly NamedType[],
  typespace: Typespace,
): void {
  const fields = Array.isArray(value) ? (value as unknown[]) : fieldsOf(value, elements);
  if (fields.length !== elements.length) {
    throw new SatsJsonError(`expected ${elements.length} values and found ${fields.length}`);
  }
  for (const [index, element] of elements.entries()) {
    writeJsonValue(writer, fields[index], element.type, typespace);
  }
}

function fieldsOf(value: unknown, elements: readonly NamedType[]): unknown[] {
  if (value !== null && typeof value === 'object') {
    return elements.map((element) => (value as Record<string, unknown>)[element.name ?? '']);
  }
  // The wrappers around identities and times may be left out.
  if (elements.length === 1) return [value];
  throw new SatsJsonError('expected an array or an object');
}

function writeSum(
  writer: BsatnWriter,
  value: unknown,
  type: Extract<AlgebraicType, { tag: 'sum' }>,
  typespace: Typespace,
): void {
  const named = variantOf(value, type);
  const tag = type.variants.findIndex((variant) => variant.name === named.name);
  const variant = type.variants[tag];
  if (variant === undefined) throw new SatsJsonError(`no variant \`${named.name}\``);
  writer.u8(tag);
  writeJsonValue(writer, named.value, variant.type, typespace);
}

function variantOf(
  value: unknown,
  type: Extract<AlgebraicType, { tag: 'sum' }>,
): { readonly name: string; readonly value: unknown } {
  if (value === null && optionContent(type) !== null) return { name: 'none', value: [] };
  const entries = value !== null && typeof value === 'object' ? Object.entries(value) : [];
  const [only] = entries;
  if (only !== undefined && entries.length === 1) return { name: only[0], value: only[1] };
  throw new SatsJsonError('expected an object with the name of a variant');
}

function writeArray(
  writer: BsatnWriter,
  value: unknown,
  element: AlgebraicType,
  typespace: Typespace,
): void {
  if (typeof value === 'string' && element.tag === 'u8' && /^([0-9a-f]{2})*$/i.test(value)) {
    writer.bytes(Buffer.from(value, 'hex'));
    return;
  }
  if (!Array.isArray(value)) throw new SatsJsonError('expected an array');
  writer.u32(value.length);
  for (const item of value as unknown[]) writeJsonValue(writer, item, element, typespace);
}

function writeInteger(writer: BsatnWriter, value: unknown, tag: string): void {
  const bits = Number(tag.slice(1));
  const signed = tag.startsWith('i');
  const integer = integerOf(value);
  const least = signed ? -(1n << BigInt(bits - 1)) : 0n;
  const most = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
  if (integer === null || integer < least || integer > most) {
    throw new SatsJsonError(`expected a value of type ${tag}`);
  }
  writer.integer(integer, bits / 8);
}

function integerOf(value: unknown): bigint | null {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : null;
  if (typeof value !== 'string') return null;
  if (/^-?\d+$/.test(value)) return BigInt(value);
  return /^(0x)?[0-9a-f]+$/i.test(value) ? BigInt(`0x${value.replace(/^0x/i, '')}`) : null;
}

function readInteger(reader: BsatnReader, tag: string): number | string {
  const bits = Number(tag.slice(1));
  const value = reader.integer(bits / 8, tag.startsWith('i'));
  if (bits > 64) return `0x${value.toString(16).padStart(bits / 4, '0')}`;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}
