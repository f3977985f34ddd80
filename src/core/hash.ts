/** SHA-256 of some bytes, 32 bytes long: native where there is one, a library in the module. */
export type Hash = (data: Uint8Array) => Uint8Array;

/** SHA-256 of a text in UTF-8, where the machine encodes it, too: well-formed Unicode only. */
export type TextHash = (text: string) => Uint8Array;

export const HASH_BYTES = 32;

/** Hexadecimal digits in lower case. */
export function toHex(bytes: Uint8Array): string {
  let result = '';
  for (const byte of bytes) result += HEX_OF_BYTE[byte]!;
  return result;
}

/** The bytes of lower- or upper-case hexadecimal digits. Throws RangeError for anything else. */
export function fromHex(digits: string): Uint8Array {
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) {
    throw new RangeError('not hexadecimal digits');
  }
  const bytes = new Uint8Array(digits.length / 2);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16);
  }
  return bytes;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

/** Two lower-case digits for each byte. */
export const HEX_OF_BYTE: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);
