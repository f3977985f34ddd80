/** Owns: telling whether some process keeps a folder as a mirror. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { tryLock } from '../host/process-lock.ts';

/** A mirror holds it for as long as it runs. */
export const MIRROR_LOCK = 'mirror.lock';

/** True while some process keeps the directory of this state. */
export async function isMirrorRunning(state: string): Promise<boolean> {
  const file = path.join(state, MIRROR_LOCK);
  if (!existsSync(file)) return false;
  const lock = tryLock(file);
  if (lock.kind === 'held') lock.release();
  return lock.kind !== 'held';
}
