import type { BsatnReader } from './reader.ts';

const PRIMITIVES = [
  'string',
  'bool',
  'i8',
  'u8',
  'i16',
  'u16',
  'i32',
  'u32',
  'i64',
  'u64',
  'i128',
  'u128',
  'i256',
  'u256',
  'f32',
  'f64',
] as const;

export type PrimitiveTag = (typeof PRIMITIVES)[number];

export interface NamedType {
  readonly name: string | null;
  readonly type: AlgebraicType;
}

/** A type of SpacetimeDB's type system; `ref` points into the module's typespace. */
export type AlgebraicType =
  | { readonly tag: 'ref'; readonly index: number }
  | { readonly tag: 'sum'; readonly variants: readonly NamedType[] }
  | { readonly tag: 'product'; readonly elements: readonly NamedType[] }
  | { readonly tag: 'array'; readonly element: AlgebraicType }
  | { readonly tag: PrimitiveTag };

export type Typespace = readonly AlgebraicType[];

/** Reads a type as a module definition writes it. Throws a `RangeError` on an unknown tag. */
export function readAlgebraicType(reader: BsatnReader): AlgebraicType {
  const tag = reader.u8();
  switch (tag) {
    case 0:
      return { tag: 'ref', index: reader.u32() };
    case 1:
      return { tag: 'sum', variants: reader.array(() => readNamedType(reader)) };
    case 2:
      return { tag: 'product', elements: readProduct(reader) };
    case 3:
      return { tag: 'array', element: readAlgebraicType(reader) };
    default: {
      const primitive = PRIMITIVES[tag - 4];
      if (primitive === undefined) throw new RangeError(`type tag ${tag}`);
      return { tag: primitive };
    }
  }
}

export function readProduct(reader: BsatnReader): NamedType[] {
  return reader.array(() => readNamedType(reader));
}

/** Follows references to the type they stand for. */
export function resolveType(type: AlgebraicType, typespace: Typespace): AlgebraicType {
  let resolved = type;
  for (let hops = 0; resolved.tag === 'ref'; hops++) {
    const target = typespace[resolved.index];
    if (target === undefined || hops > typespace.length) {
      throw new RangeError(`type reference ${resolved.index} leads nowhere`);
    }
    resolved = target;
  }
  return resolved;
}

/**
 * The single field of a wrapper such as Identity or Timestamp, unwrapped down to its content;
 * any other type as it is.
 */
export function unwrapSpecial(type: AlgebraicType, typespace: Typespace): AlgebraicType {
  const resolved = resolveType(type, typespace);
  if (resolved.tag !== 'product' || resolved.elements.length !== 1) return resolved;
  const [only] = resolved.elements;
  return only === undefined ? resolved : unwrapSpecial(only.type, typespace);
}

/** The content type of an option, or null when the type is none. */
export function optionContent(type: AlgebraicType): AlgebraicType | null {
  if (type.tag !== 'sum' || type.variants.length !== 2) return null;
  const [some, none] = type.variants;
  return some?.name === 'some' && none?.name === 'none' ? some.type : null;
}

/** Whether two types encode and mean the same, references followed. */
export function sameType(
  left: AlgebraicType,
  leftSpace: Typespace,
  right: AlgebraicType,
  rightSpace: Typespace,
): boolean {
  return describe(left, leftSpace, []) === describe(right, rightSpace, []);
}

function describe(type: AlgebraicType, typespace: Typespace, open: readonly number[]): string {
  if (type.tag === 'ref') {
    // A recursive type is described by how far up it refers to itself.
    const depth = open.indexOf(type.index);
    if (depth >= 0) return `^${open.length - depth}`;
    return describe(resolveType(type, typespace), typespace, [...open, type.index]);
  }
  const named = (entry: NamedType) =>
    `${JSON.stringify(entry.name)}:${describe(entry.type, typespace, open)}`;
  switch (type.tag) {
    case 'sum':
      return `<${type.variants.map(named).join('|')}>`;
    case 'product':
      return `{${type.elements.map(named).join(',')}}`;
    case 'array':
      return `[${describe(type.element, typespace, open)}]`;
    default:
      return type.tag;
  }
}

function readNamedType(reader: BsatnReader): NamedType {
  const name = reader.option(() => reader.string());
  return { name, type: readAlgebraicType(reader) };
}
