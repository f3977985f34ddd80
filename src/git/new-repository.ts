import { lstat, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { GitError } from './git-error.ts';
import { moveRefs } from './move-refs.ts';
import { Repository } from './repository.ts';
import { askGit, runGit } from './run-git.ts';

/**
 * Makes a repository of a folder that is in none, with what `fill` puts into it: the folder has all
 * of it or stays without. `fill` returns the branch whose files the folder is taken to have, or nothing
 * where there is to be no repository; what is checked out is the user's own first branch, which begins
 * there. Throws `GitError`.
 */
export async function makeRepository<Result extends { readonly branch: string }>(
  folder: string,
  fill: (repository: Repository) => Promise<Result | undefined>,
): Promise<Result | undefined> {
  if (await Repository.find(folder)) {
    throw new GitError('blocked', `${folder} is in a git repository already`);
  }
  const place = path.join(folder, '.git');
  if (await lstat(place).catch(() => undefined)) {
    const why = `${place} is there, but git does not take it for a repository`;
    throw new GitError('blocked', `${why}: look what it is, and move it away`);
  }
  // Beside the folder: on the same disk, and nobody who watches the folder sees it grow.
  const draft = await mkdtemp(path.join(path.dirname(folder), `.${path.basename(folder)}.`));
  const gitFolder = path.join(draft, '.git');
  try {
    await runGit(draft, ['init', '--quiet', '--template=']);
    const result = await fill(await Repository.open(draft));
    if (!result) return undefined;
    const made = await Repository.open(draft);
    const tip = await made.commitOf(`refs/heads/${result.branch}`);
    if (tip !== undefined) {
      const first = await askGit(draft, ['symbolic-ref', 'HEAD']);
      await moveRefs(made, [{ ref: first, from: undefined, to: tip }]);
      await runGit(draft, ['read-tree', tip]);
    }
    await rename(gitFolder, place);
    return result;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
