/**
 * Owns: which directories mirrors keep on this machine now, and that no two of them keep the same files. Does not
 * know: what a mirror does.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { tryLock } from '../host/process-lock.ts';
import { rememberedStates } from '../mirror/directory-mirror.ts';
import { UsageError } from './exit-code.ts';

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

/**
 * Throws where another mirror, of whatever world, keeps files of the directory: whoever writes there would
 * count as two members. `state` is that of the mirror that is about to run.
 */
export async function demandOwnFiles(
  home: string,
  directory: string,
  state: string,
): Promise<void> {
  for (const { state: other, directory: kept } of await rememberedStates(home)) {
    if (other === state || !(isIn(kept, directory) || isIn(directory, kept))) continue;
    if (await isMirrorRunning(other)) throw keptBy(kept);
  }
}

/** What is told where a mirror keeps a directory. */
export function keptBy(directory: string): UsageError {
  return new UsageError(
    `A mirror runs on ${directory} already; give each agent a directory of its own, beside the others`,
  );
}

function isIn(directory: string, outer: string): boolean {
  const inside = path.relative(outer, directory);
  return inside === '' || !(inside.startsWith('..') || path.isAbsolute(inside));
}
