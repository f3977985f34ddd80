import { runGit } from '../git/run-git.ts';

/**
 * Those of the files on disk that git's index has as links: a tool that saves by renaming a new file
 * over a link leaves such. They would be a second content of what the link leads to. For a folder
 * that git lists; rejects with `GitError`.
 */
export async function replacedLinks(
  folder: string,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set();
  const only = paths.length <= MOST_PATHSPECS ? ['--', ...paths] : [];
  const env = { GIT_LITERAL_PATHSPECS: '1' };
  const { out } = await runGit(folder, ['ls-files', '--stage', '-z', ...only], { signal, env });
  const links = new Set(
    out
      .toString('utf8')
      .split('\0')
      .filter((entry) => entry.startsWith(LINK_MODE))
      .map((entry) => entry.slice(entry.indexOf('\t') + 1)),
  );
  return new Set(paths.filter((path) => links.has(path)));
}

const LINK_MODE = '120000 ';
/** A command line holds no more. */
const MOST_PATHSPECS = 64;
