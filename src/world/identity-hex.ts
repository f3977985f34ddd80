import type { Identity } from 'spacetimedb';
import type { IdentityHex } from '../core/op.ts';

/** The 64 hexadecimal digits of an identity. Few identities write many rows: they are kept. */
export function identityHex(identity: Identity): IdentityHex {
  const value = identity.__identity__;
  const known = spellings.get(value);
  if (known !== undefined) return known;
  const hex = identity.toHexString();
  if (spellings.size >= SPELLINGS_KEPT) spellings.clear();
  spellings.set(value, hex);
  return hex;
}

const SPELLINGS_KEPT = 4096;
const spellings = new Map<bigint, IdentityHex>();
