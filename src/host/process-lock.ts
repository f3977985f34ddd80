import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { loadSqlite } from './sqlite-runtime.ts';

/** A lock that ends with its process, however that ends. */
export interface ProcessLock {
  readonly kind: 'held';
  /** False once the file was removed or replaced: then the lock keeps nobody out any more. */
  guardsItsPath(): boolean;
  release(): void;
}

/** `unavailable`: this runtime has no SQLite to lock with. */
export type LockAttempt =
  ProcessLock | { readonly kind: 'busy' } | { readonly kind: 'unavailable' };

/**
 * Tries to take the lock at `file`, without waiting; throws when the file cannot be used at all.
 *
 * The lock is an open exclusive transaction on an empty SQLite database, so it is the operating
 * system's own file lock on every platform: the kernel drops it at death, and there is no stale
 * lock to detect by time or process id. Two attempts inside one process exclude each other too.
 */
export function tryLock(file: string): LockAttempt {
  const sqlite = loadSqlite();
  if (sqlite === undefined) return { kind: 'unavailable' };
  const database = new sqlite.DatabaseSync(file);
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) return { kind: 'busy' };
    throw error;
  }
  const locked = inodeOf(file);
  return {
    kind: 'held',
    guardsItsPath: () => locked !== undefined && inodeOf(file) === locked,
    release: () => {
      if (database.isOpen) database.close();
    },
  };
}

/** Waits for the lock; without SQLite in this runtime there is none, and the last writer wins. */
export async function waitForLock(file: string): Promise<() => void> {
  for (;;) {
    const attempt = tryLock(file);
    if (attempt.kind === 'held') return () => attempt.release();
    if (attempt.kind === 'unavailable') return () => {};
    await delay(LOCK_POLL_MS);
  }
}

const LOCK_POLL_MS = 10;

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

// Only ever looked at by name: closing any other descriptor of the file would drop a POSIX lock.
function inodeOf(file: string): bigint | undefined {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino;
}
