import { HEX_OF_BYTE } from '../core/hash.ts';

/** Gives that many random bytes; tests supply a seeded one. */
export type RandomBytes = (count: number) => Uint8Array;

/** Cryptographic random bytes. Small amounts come from a store, since asking the system costs more. */
export const systemRandomBytes: RandomBytes = (count) => {
  if (count > store.length / 8) return crypto.getRandomValues(new Uint8Array(count));
  if (used + count > store.length) {
    crypto.getRandomValues(store);
    used = 0;
  }
  const bytes = store.slice(used, used + count);
  // Nothing that was given out can be read here again.
  store.fill(0, used, used + count);
  used += count;
  return bytes;
};

const store = new Uint8Array(1024);
let used = store.length;

/**
 * Makes UUIDs of version 7 (RFC 9562, section 5.7): milliseconds since 1970, then random bits, so
 * that ids sort by the time they were made. Lower case.
 */
export function newUuid(nowMs: number, randomBytes: RandomBytes): string {
  const bytes = randomBytes(16);
  let restMs = nowMs;
  for (let index = 5; index >= 0; index--) {
    bytes[index] = restMs % 256;
    restMs = Math.floor(restMs / 256);
  }
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  let id = '';
  for (let index = 0; index < bytes.length; index++) {
    if (index === 4 || index === 6 || index === 8 || index === 10) id += '-';
    id += HEX_OF_BYTE[bytes[index]!]!;
  }
  return id;
}
