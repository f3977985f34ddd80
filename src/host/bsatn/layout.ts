import { resolveType, type AlgebraicType, type Typespace } from './algebraic-type.ts';

/** How a type's values lie in a buffer. */
export interface Layout {
  /** Bytes every value takes, or null when they differ. */
  readonly fixedSize: number | null;
  /** Offset after the value at `offset`. Throws a `RangeError` when it does not fit or is no value. */
  skip(bytes: Buffer, offset: number): number;
}

const FIXED_SIZES: Readonly<Record<string, number>> = {
  bool: 1,
  i8: 1,
  u8: 1,
  i16: 2,
  u16: 2,
  i32: 4,
  u32: 4,
  i64: 8,
  u64: 8,
  i128: 16,
  u128: 16,
  i256: 32,
  u256: 32,
  f32: 4,
  f64: 8,
};

/** Compiles the layout of a type. Recursive types are followed lazily. */
export function layoutOf(type: AlgebraicType, typespace: Typespace): Layout {
  return compile(type, typespace, new Map());
}

type Known = Map<number, Layout>;

function compile(type: AlgebraicType, typespace: Typespace, known: Known): Layout {
  switch (type.tag) {
    case 'ref':
      return compileReference(type.index, typespace, known);
    case 'product':
      return productLayout(type.elements.map((element) => compile(element.type, typespace, known)));
    case 'sum':
      return sumLayout(type.variants.map((variant) => compile(variant.type, typespace, known)));
    case 'array':
      return arrayLayout(compile(type.element, typespace, known));
    case 'string':
      return STRING_LAYOUT;
    default:
      return fixedLayout(FIXED_SIZES[type.tag] ?? 0);
  }
}

function compileReference(index: number, typespace: Typespace, known: Known): Layout {
  const before = known.get(index);
  if (before !== undefined) return before;
  let compiled: Layout | null = null;
  known.set(index, {
    fixedSize: null,
    skip(bytes, offset) {
      if (compiled === null) throw new RangeError('a type is used before it is compiled');
      return compiled.skip(bytes, offset);
    },
  });
  compiled = compile(resolveType({ tag: 'ref', index }, typespace), typespace, known);
  known.set(index, compiled);
  return compiled;
}

function fixedLayout(size: number): Layout {
  return {
    fixedSize: size,
    skip(bytes, offset) {
      const end = offset + size;
      if (end > bytes.length) throw new RangeError('a value runs past the end');
      return end;
    },
  };
}

const STRING_LAYOUT: Layout = { fixedSize: null, skip: skipBytes };

function skipBytes(bytes: Buffer, offset: number): number {
  const end = offset + 4 + bytes.readUInt32LE(offset);
  if (end > bytes.length) throw new RangeError('a string or byte array runs past the end');
  return end;
}

function arrayLayout(element: Layout): Layout {
  if (element.fixedSize === 1) return STRING_LAYOUT;
  const { fixedSize } = element;
  return {
    fixedSize: null,
    skip(bytes, offset) {
      const count = bytes.readUInt32LE(offset);
      let at = offset + 4;
      if (fixedSize !== null) {
        at += count * fixedSize;
        if (at > bytes.length) throw new RangeError('an array runs past the end');
        return at;
      }
      // An element takes at least a byte, so a larger count cannot be honest.
      if (count > bytes.length) throw new RangeError('an array runs past the end');
      for (let index = 0; index < count; index++) at = element.skip(bytes, at);
      return at;
    },
  };
}

function productLayout(elements: readonly Layout[]): Layout {
  let total = 0;
  for (const element of elements) {
    if (element.fixedSize === null) {
      return {
        fixedSize: null,
        skip(bytes, offset) {
          let at = offset;
          for (const each of elements) at = each.skip(bytes, at);
          return at;
        },
      };
    }
    total += element.fixedSize;
  }
  return fixedLayout(total);
}

function sumLayout(variants: readonly Layout[]): Layout {
  const unitOnly = variants.every((variant) => variant.fixedSize === 0);
  return {
    fixedSize: unitOnly ? 1 : null,
    skip(bytes, offset) {
      const variant = variants[bytes.readUInt8(offset)];
      if (variant === undefined) throw new RangeError('a sum has an unknown variant');
      return variant.skip(bytes, offset + 1);
    },
  };
}
