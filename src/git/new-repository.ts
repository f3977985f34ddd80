import { mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { GitError } from './git-error.ts';
import { Repository } from './repository.ts';
import { runGit } from './run-git.ts';

/**
 * Makes a repository of a folder that is in none, with what `fill` puts into it: the folder has all
 * of it or stays without. `fill` returns the branch that is to be checked out, whose files the folder
 * is taken to have. Throws `GitError`.
 */
export async function makeRepository<Result extends { readonly branch: string }>(
  folder: string,
  fill: (repository: Repository) => Promise<Result>,
): Promise<Result> {
  if (await Repository.find(folder)) {
    throw new GitError('blocked', `${folder} is in a git repository already`);
  }
  // Beside the folder: on the same disk, and nobody who watches the folder sees it grow.
  const draft = await mkdtemp(path.join(path.dirname(folder), `.${path.basename(folder)}.`));
  const gitFolder = path.join(draft, '.git');
  try {
    await runGit(draft, ['init', '--quiet', '--template=']);
    const result = await fill(await Repository.open(draft));
    const tip = await (await Repository.open(draft)).commitOf(`refs/heads/${result.branch}`);
    await runGit(draft, ['symbolic-ref', 'HEAD', `refs/heads/${result.branch}`]);
    if (tip !== undefined) await runGit(draft, ['read-tree', tip]);
    await rename(gitFolder, path.join(folder, '.git'));
    return result;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
