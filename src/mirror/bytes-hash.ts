import { createHash } from 'node:crypto';

/** SHA-256 of bytes, or of those of a text, 64 hex digits. */
export function hashOf(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
