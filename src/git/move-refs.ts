import { GitError } from './git-error.ts';
import type { Repository } from './repository.ts';
import { runGit } from './run-git.ts';

/** A ref that is to point to `to`, if it still points to `from`; undefined where it is not there. */
export interface RefMove {
  readonly ref: string;
  readonly from: string | undefined;
  readonly to: string;
}

/** Moves refs, all of them or none. Throws `GitError` `branch_taken` when one was moved meanwhile. */
export async function moveRefs(repository: Repository, moves: readonly RefMove[]): Promise<void> {
  const wanted = moves.filter(({ from, to }) => from !== to);
  if (wanted.length === 0) return;
  const nothing = '0'.repeat(repository.format === 'sha256' ? 64 : 40);
  const lines = wanted.map(({ ref, from, to }) => `update ${ref}\0${to}\0${from ?? nothing}\0`);
  const input = `start\0${lines.join('')}prepare\0commit\0`;
  const args = ['update-ref', '-z', '--stdin', '-m', 'agent-world export'];
  try {
    await runGit(repository.folder, args, { input });
  } catch (error) {
    if (!(error instanceof GitError) || error.code !== 'git_failed') throw error;
    const refs = wanted.map(({ ref }) => ref).join(' and ');
    const why = `${refs} could not be moved; nothing was changed. Try again`;
    throw new GitError('branch_taken', `${why} (${error.message})`, { cause: error });
  }
}
