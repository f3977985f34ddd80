import { createHash } from 'node:crypto';
import type { ObjectFormat } from './repository.ts';

/** The id that git gives these bytes as a blob, in hexadecimal digits. */
export function blobId(bytes: Uint8Array, format: ObjectFormat): string {
  return createHash(format).update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
