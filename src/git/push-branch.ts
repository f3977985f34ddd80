import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { systemCode } from '../host/host-error.ts';
import { TRACE_REF } from './agent-trace.ts';
import { GitError } from './git-error.ts';
import type { PullRequestText } from './pull-request.ts';
import { askGit, runGit } from './run-git.ts';

/** Names of the remotes that can be pushed to, the one named origin first. */
export async function remotesOf(folder: string): Promise<readonly string[]> {
  const names = (await askGit(folder, ['remote'])).split('\n').filter((name) => name !== '');
  return names.toSorted((a, b) => Number(b === 'origin') - Number(a === 'origin'));
}

/**
 * Pushes a branch and the notes of who wrote what, as git's own command does, hooks included; nothing
 * there is overwritten. Returns whether the notes went, too. Throws `GitError`.
 */
export async function pushBranch(
  folder: string,
  remote: string,
  branch: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const push = ['push', '--quiet', '--end-of-options', remote];
  const ref = `refs/heads/${branch}`;
  await runGit(folder, [...push, `${ref}:${ref}`], { hooks: true, signal });
  // Somebody else's notes may be there: theirs stay, and the branch is what counts.
  const options = { hooks: true, signal, allowed: [1, 128] };
  return (await runGit(folder, [...push, `${TRACE_REF}:${TRACE_REF}`], options)).code === 0;
}

/** Whether GitHub's command line is there; what it has an account for it says when it is needed. */
export async function hasPullRequests(folder: string): Promise<boolean> {
  return (await runHub(folder, ['--version'])) !== undefined;
}

/** Opens a pull request for a branch that was pushed. Returns its address. Throws `GitError`. */
export async function createPullRequest(
  folder: string,
  branch: string,
  { title, body }: PullRequestText,
): Promise<string> {
  const args = ['pr', 'create', '--head', branch, '--title', title, '--body-file', '-'];
  const answer = await runHub(folder, args, body);
  if (!answer) throw new GitError('no_github', 'gh, the command line of GitHub, cannot be found');
  const { code, out, said } = answer;
  if (code === 0) return out.trim().split('\n').at(-1) ?? '';
  throw new GitError('no_github', `gh pr create: ${said.trim() || `ended with ${code}`}`);
}

/** Undefined where the program is not there. */
async function runHub(folder: string, args: readonly string[], input = '') {
  const env = { ...process.env, GH_PROMPT_DISABLED: '1', GH_NO_UPDATE_NOTIFIER: '1' };
  const child = spawn('gh', args, { cwd: folder, env, windowsHide: true });
  let out = '';
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  // Its end says what there is to say.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  try {
    await once(child, 'close');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  return { code: child.exitCode ?? 1, out, said };
}
