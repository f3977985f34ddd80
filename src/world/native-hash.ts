import * as crypto from 'node:crypto';
import type { Hash } from '../core/hash.ts';

/** SHA-256 as the machine has it. */
export const nativeHash: Hash =
  'hash' in crypto
    ? (data) => new Uint8Array(crypto.hash('sha256', data, 'buffer'))
    : // Node before 20.12.
      (data) => new Uint8Array(crypto.createHash('sha256').update(data).digest());
