import { type Hash, HASH_BYTES } from '../core/hash.ts';
import { nativeDigest } from '../host/native-digest.ts';

/** SHA-256 as the machine has it. */
export const nativeHash: Hash = (data) => {
  const digest = nativeDigest(data);
  const bytes = new Uint8Array(HASH_BYTES);
  for (let index = 0; index < HASH_BYTES; index++) bytes[index] = digest.charCodeAt(index);
  return bytes;
};
