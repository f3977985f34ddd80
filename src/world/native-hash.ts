import { type Hash, HASH_BYTES, type TextHash } from '../core/hash.ts';
import { nativeDigest } from '../host/native-digest.ts';

/** SHA-256 as the machine has it. */
export const nativeHash: Hash = (data) => bytesOf(nativeDigest(data));

/** The same of a text. */
export const nativeTextHash: TextHash = (text) => bytesOf(nativeDigest(text));

function bytesOf(digest: string): Uint8Array {
  const bytes = new Uint8Array(HASH_BYTES);
  for (let index = 0; index < HASH_BYTES; index++) bytes[index] = digest.charCodeAt(index);
  return bytes;
}
