import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { GitError } from './git-error.ts';
import { askGit, runGit } from './run-git.ts';

/** Names of the remotes that can be pushed to, the one named origin first. */
export async function remotesOf(folder: string): Promise<readonly string[]> {
  const names = (await askGit(folder, ['remote'])).split('\n').filter((name) => name !== '');
  return names.toSorted((a, b) => Number(b === 'origin') - Number(a === 'origin'));
}

/** Pushes a branch and the notes of who wrote what; nothing there is overwritten. Throws `GitError`. */
export async function pushBranch(folder: string, remote: string, branch: string): Promise<void> {
  await runGit(folder, ['push', '--quiet', remote, `refs/heads/${branch}:refs/heads/${branch}`]);
  // Somebody else's notes may be there: theirs stay, and the branch is what counts.
  await runGit(folder, ['push', '--quiet', remote, 'refs/notes/agent-trace'], {
    allowed: [1, 128],
  });
}

/** Whether GitHub's command line is there, and has an account for the repository. */
export async function hasPullRequests(folder: string): Promise<boolean> {
  try {
    await run('gh', ['repo', 'view', '--json', 'name'], { cwd: folder, timeout: PATIENCE_MS });
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

/**
 * Opens a pull request for a branch that was pushed, described by its commit's message: authors, ops
 * and decided conflicts. Returns its address. Throws `GitError`.
 */
export async function createPullRequest(
  folder: string,
  branch: string,
  message: string,
): Promise<string> {
  const [title = branch, ...rest] = message.split('\n');
  const body = rest.join('\n').trim();
  const args = ['pr', 'create', '--head', branch, '--title', title, '--body', body];
  try {
    const { stdout } = await run('gh', args, { cwd: folder });
    return stdout.trim().split('\n').at(-1) ?? '';
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new GitError('git_failed', said || 'gh could not make a pull request', { cause: error });
  }
}

const run = promisify(execFile);
const PATIENCE_MS = 10_000;
