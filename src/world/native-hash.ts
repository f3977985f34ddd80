import { createHash } from 'node:crypto';
import type { Hash } from '../core/hash.ts';

/** SHA-256 as the machine has it. */
export const nativeHash: Hash = (data) =>
  new Uint8Array(createHash('sha256').update(data).digest());
