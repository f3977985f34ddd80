/** Owns: that no two mirrors of this machine keep the same files. Does not know: what a mirror does. */
import { rememberedStates } from '../mirror/directory-mirror.ts';
import { isMirrorRunning } from '../mirror/mirror-lock.ts';
import { UsageError } from './exit-code.ts';
import { pathInside } from '../world/path-inside.ts';

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
  return pathInside(outer, directory) !== undefined;
}
