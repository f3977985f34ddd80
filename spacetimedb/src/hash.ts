import { sha256 } from '@noble/hashes/sha2.js';
import { ChainHasher } from '../../src/core/chain.ts';
import { ContentHasher } from '../../src/core/content-hash.ts';
import type { Hash, TextHash } from '../../src/core/hash.ts';

/**
 * SpacetimeDB gives a module no native hash; the embedded host does, under this one global, to the same
 * bytes, and of a text in UTF-8, too. Only the speed depends on it.
 */
const { nativeSha256 } = globalThis as { readonly nativeSha256?: Hash & TextHash };

export const hash: Hash = nativeSha256 ?? sha256;

/** Whether a SpacetimeDB server runs this module, and not the embedded host. */
export const isOnServer = nativeSha256 === undefined;

export const contentHasher = new ContentHasher(hash, nativeSha256);
export const chainHasher = new ChainHasher(hash);

/** SHA-256 of a text in UTF-8. */
export function hashText(text: string): Uint8Array {
  return hash(encoder.encode(text));
}

const encoder = new TextEncoder();
