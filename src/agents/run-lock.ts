/**
 * Owns: that one window at a time runs an agent's client in its folder, and that others can tell. While it does so in a
 * panel the turns are that window's: it knows the prompts, and a hook that hears of one begins none.
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

/** Where a window runs a client: it speaks with one in a panel; in a terminal it only started it. */
export type RunPlaceKind = 'panel' | 'terminal';

export type RunLock =
  | Exclude<LockAttempt, { readonly kind: 'busy' }>
  | { readonly kind: 'busy'; readonly by: RunPlaceKind };

/** Held until it is released, or the process ends: a folder takes one client at a time. Creates what is missing. */
export function lockRun(home: string, folder: string, place: RunPlaceKind): RunLock {
  mkdirSync(runsFolder(home), { recursive: true, mode: 0o700 });
  const lock = tryLock(lockOf(home, folder, place));
  if (lock.kind === 'busy') return { kind: 'busy', by: place };
  // Each takes its own first and then looks for the other's: of two at once not both go on.
  const other = place === 'panel' ? 'terminal' : 'panel';
  if (!isLocked(lockOf(home, folder, other))) return lock;
  if (lock.kind === 'held') lock.release();
  return { kind: 'busy', by: other };
}

/** True while some window runs a client in the folder in a panel. */
export function isRun(home: string, folder: string): boolean {
  return isLocked(lockOf(home, folder, 'panel'));
}

/** Where some window runs a client in the folder; undefined for nowhere. */
export function whereRun(home: string, folder: string): RunPlaceKind | undefined {
  return PLACES.find((place) => isLocked(lockOf(home, folder, place)));
}

function isLocked(file: string): boolean {
  if (!existsSync(file)) return false;
  const lock = tryLock(file);
  if (lock.kind === 'held') lock.release();
  return lock.kind === 'busy';
}

function lockOf(home: string, folder: string, place: RunPlaceKind): string {
  const kind = place === 'panel' ? '' : '.terminal';
  return path.join(runsFolder(home), `${runKey(folder)}${kind}.lock`);
}

function realOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

const PLACES: readonly RunPlaceKind[] = ['panel', 'terminal'];
