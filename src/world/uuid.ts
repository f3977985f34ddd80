/** Gives that many random bytes; tests supply a seeded one. */
export type RandomBytes = (count: number) => Uint8Array;

/** Cryptographic random bytes. */
export const systemRandomBytes: RandomBytes = (count) =>
  crypto.getRandomValues(new Uint8Array(count));

/**
 * Makes UUIDs of version 7 (RFC 9562, section 5.7): milliseconds since 1970, then random bits, so
 * that ids sort by the time they were made. Lower case.
 */
export function newUuid(nowMs: number, randomBytes: RandomBytes): string {
  const bytes = randomBytes(16);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint16(0, Math.floor(nowMs / 2 ** 32));
  view.setUint32(2, nowMs >>> 0);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ].join('-');
}
