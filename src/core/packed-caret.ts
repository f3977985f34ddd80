/** Where somebody's cursor is in a file, without a selection. */
export interface Caret {
  readonly line: number;
  /** In UTF-16 code units. */
  readonly character: number;
  /** Of the file, which line and character are of. */
  readonly version: number;
  readonly typing: boolean;
}

/**
 * A caret in 64 bits, so that a movement costs a world little: line (26 bits), character (25), the low
 * bits of the version (12) and whether its owner types. Undefined where it does not fit: for lines and
 * characters beyond that, and for versions that are not near to the head's.
 */
export function packCaret(caret: Caret, headVersion: number): bigint | undefined {
  const { line, character, version, typing } = caret;
  const isNear = Math.abs(version - headVersion) <= NEAR_VERSIONS;
  if (!isNear || line >= 2 ** LINE_BITS || character >= 2 ** CHARACTER_BITS) return undefined;
  let packed = BigInt(line);
  packed = (packed << BigInt(CHARACTER_BITS)) | BigInt(character);
  packed = (packed << BigInt(VERSION_BITS)) | BigInt(version % VERSIONS);
  return (packed << 1n) | (typing ? 1n : 0n);
}

/** The caret that was packed. Its version is the one nearest to the head's that has those low bits. */
export function unpackCaret(packed: bigint, headVersion: number): Caret {
  const bits = (count: number): number => {
    const value = Number(packed & ((1n << BigInt(count)) - 1n));
    packed >>= BigInt(count);
    return value;
  };
  const typing = bits(1) === 1;
  const low = bits(VERSION_BITS);
  const character = bits(CHARACTER_BITS);
  const line = bits(LINE_BITS);
  const above = (((low - headVersion) % VERSIONS) + VERSIONS) % VERSIONS;
  const nearest = headVersion + (above < VERSIONS / 2 ? above : above - VERSIONS);
  return { line, character, version: nearest < 0 ? nearest + VERSIONS : nearest, typing };
}

const LINE_BITS = 26;
const CHARACTER_BITS = 25;
const VERSION_BITS = 12;
const VERSIONS = 2 ** VERSION_BITS;
/** The head moves on while a caret is on its way. */
const NEAR_VERSIONS = 1_000;
