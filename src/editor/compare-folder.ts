import { openFolderGit } from '../git/folder-state.ts';
import { compareDirectory } from '../mirror/compare-directory.ts';
import type { WorldLog } from '../world/log.ts';
import type { WorldSession } from '../world/world-session.ts';

/** A file that is not the same in a folder and in a world. */
export interface FolderDifference {
  /** Relative, with `/`. */
  readonly path: string;
  readonly kind: 'differs' | 'only_here' | 'only_there';
}

/**
 * Compares a folder with a world by content, before the folder is bound to it; line ends that git makes there
 * are no difference. Sorted by path.
 */
export async function compareFolder(
  session: WorldSession,
  folder: string,
  log: WorldLog,
): Promise<readonly FolderDifference[]> {
  await session.whenOnline();
  const git = openFolderGit(folder, log);
  const { signal } = new AbortController();
  const compared = await compareDirectory(folder, session, git, signal).finally(() =>
    git.dispose(),
  );
  const { changed, missing, added } = compared;
  const differences = [
    ...changed.map((path) => ({ path, kind: 'differs' }) as const),
    ...missing.map((path) => ({ path, kind: 'only_there' }) as const),
    ...added.map((path) => ({ path, kind: 'only_here' }) as const),
  ];
  return differences.sort((a, b) => (a.path < b.path ? -1 : 1));
}
