import { blake3 } from '@noble/hashes/blake3.js';

/** Who someone is: 64 lower-case hex digits, most significant first. */
export type IdentityHex = string;

const PREFIX = Buffer.from([0xc2, 0x00]);
const HASH_BYTES = 26;

/** The identity that SpacetimeDB derives from a token's issuer and subject. */
export function identityOf(issuer: string, subject: string): IdentityHex {
  const hash = blake3(Buffer.from(`${issuer}|${subject}`)).subarray(0, HASH_BYTES);
  const checked = blake3(Buffer.concat([PREFIX, hash]));
  return Buffer.concat([PREFIX, checked.subarray(0, 4), hash]).toString('hex');
}

/** Whether text is spelled like an identity. */
export function isIdentity(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

export function identityNumber(identity: IdentityHex): bigint {
  return BigInt(`0x${identity}`);
}

/** BSATN of an identity or connection id given in hex: its bytes, least significant first. */
export function hexToBsatn(hex: string): Buffer {
  return Buffer.from(hex, 'hex').reverse();
}

export function bsatnToHex(bytes: Buffer): string {
  return Buffer.from(bytes).reverse().toString('hex');
}
