/**
 * Owns: that one window at a time runs an agent's client in its folder, and that others can tell. Then the turns are
 * that window's: it knows the prompts, and a hook that hears of one begins none.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { type LockAttempt, tryLock } from '../host/process-lock.ts';

/** Where runs are noted. */
export function runsFolder(home: string): string {
  return path.join(home, 'runs');
}

/** Of a folder, as part of a file's name. */
export function runKey(folder: string): string {
  return createHash('sha256').update(realOf(folder)).digest('hex').slice(0, 32);
}

/** Held until it is released, or the process ends. Creates what is missing. */
export function lockRun(home: string, folder: string): LockAttempt {
  mkdirSync(runsFolder(home), { recursive: true, mode: 0o700 });
  return tryLock(lockOf(home, folder));
}

/** True while some window runs a client in the folder. */
export function isRun(home: string, folder: string): boolean {
  const file = lockOf(home, folder);
  if (!existsSync(file)) return false;
  const lock = tryLock(file);
  if (lock.kind === 'held') lock.release();
  return lock.kind === 'busy';
}

function lockOf(home: string, folder: string): string {
  return path.join(runsFolder(home), `${runKey(folder)}.lock`);
}

function realOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
