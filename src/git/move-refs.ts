import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { GitError } from './git-error.ts';
import type { Repository } from './repository.ts';
import { ended, failure, startGit } from './run-git.ts';

/** A ref that is to point to `to`, if it still points to `from`; undefined where it is not there. */
export interface RefMove {
  readonly ref: string;
  readonly from: string | undefined;
  readonly to: string;
}

/**
 * Moves refs, all of them or none. `decide` is asked when nothing can come between any more, and
 * nothing has moved: where it says no, or throws, nothing does. Returns what it said. Throws
 * `GitError` `branch_taken` where a ref was moved meanwhile, or cannot be there.
 */
export async function moveRefs(
  repository: Repository,
  moves: readonly RefMove[],
  decide: () => Promise<boolean> = () => Promise.resolve(true),
): Promise<boolean> {
  const wanted = moves.filter(({ from, to }) => from !== to);
  if (wanted.length === 0) return decide();
  const nothing = '0'.repeat(repository.format === 'sha256' ? 64 : 40);
  const lines = wanted.map(({ ref, from, to }) => `update ${ref}\0${to}\0${from ?? nothing}\0`);
  const child = startGit(repository.folder, UPDATE);
  const end = ended(child, UPDATE);
  end.catch(() => {});
  try {
    child.stdin.write(`start\0${lines.join('')}prepare\0`);
    await demandPrepared(child, end, wanted);
    const isDecided = await decide();
    child.stdin.end(isDecided ? 'commit\0' : 'abort\0');
    if ((await end) !== 0) throw refusal(child, wanted);
    return isDecided;
  } finally {
    // Without another word git lets go of what it holds.
    child.stdin.end();
    await end;
  }
}

async function demandPrepared(
  child: ChildProcessWithoutNullStreams,
  end: Promise<number>,
  moves: readonly RefMove[],
): Promise<void> {
  let said = '';
  const prepared = new Promise<void>((resolve) => {
    child.stdout.on('data', (piece: Buffer) => {
      said += piece.toString('utf8');
      if (said.includes('prepare: ok')) resolve();
    });
  });
  const isEnded = await Promise.race([prepared.then(() => false), end.then(() => true)]);
  if (isEnded) throw refusal(child, moves);
}

function refusal(child: ChildProcessWithoutNullStreams, moves: readonly RefMove[]): GitError {
  const cause = failure(UPDATE, child);
  const refs = moves.map(({ ref }) => ref).join(' and ');
  const why = `${refs} could not be moved; nothing was changed. Try again`;
  return new GitError('branch_taken', `${why} (${cause.message})`, { cause });
}

const UPDATE = ['update-ref', '--no-deref', '-z', '--stdin', '-m', 'agent-world export'];
