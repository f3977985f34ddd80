import type { TableChange } from './datastore/transaction.ts';

/**
 * The bytes that a call would add to the commit log of a SpacetimeDB 2.8.3 server: its arguments,
 * every row that it inserted or deleted (one that changed is both, whole), those of event tables too,
 * and what a commit takes by itself, which was measured there.
 */
export function loggedBytes(argumentBytes: number, changes: readonly TableChange[]): number {
  let bytes = COMMIT_BYTES + argumentBytes;
  for (const { inserted, deleted } of changes) {
    for (const row of inserted) bytes += row.bytes.length;
    for (const row of deleted) bytes += row.bytes.length;
  }
  return bytes;
}

const COMMIT_BYTES = 131;
