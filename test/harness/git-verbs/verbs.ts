/** What people and tools do with git in a clone, each as one command line or a few. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Clone {
  readonly folder: string;
  readonly random: () => number;
  /** A line that nobody has written yet, as this folder's own. */
  readonly newLine: (file: string) => string;
}

export interface Verb {
  readonly name: string;
  /** It may put old text back, or take files away. */
  readonly restores: boolean;
  readonly run: (clone: Clone) => Promise<void>;
}

/** Runs git; what it refuses is no failure of anybody's. With `killMs` it is killed after that time. */
export async function git(
  { folder }: Pick<Clone, 'folder'>,
  args: readonly string[],
  killMs?: number,
): Promise<number> {
  const child = spawn('git', args, { cwd: folder, env: ENVIRONMENT, stdio: 'ignore' });
  const timer = killMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killMs);
  await once(child, 'close');
  clearTimeout(timer);
  return child.exitCode ?? 137;
}

/** Ends whatever stands still, as somebody would who wants to go on. */
export async function giveUp(clone: Pick<Clone, 'folder'>): Promise<void> {
  rmSync(path.join(clone.folder, '.git', 'index.lock'), { force: true });
  for (const command of ['rebase', 'merge', 'cherry-pick', 'am']) {
    if (existsSync(path.join(clone.folder, '.git'))) await git(clone, [command, '--abort']);
  }
  // A stash that could not be popped leaves files in conflict: they count as resolved, as they are.
  await git(clone, ['reset', '-q']);
  await git(clone, ['bisect', 'reset']);
  await git(clone, ['sparse-checkout', 'disable']);
  await git(clone, ['worktree', 'remove', '--force', 'nested']);
  rmSync(path.join(clone.folder, 'nested'), { recursive: true, force: true });
}

const edit: Verb = {
  name: 'edit',
  restores: false,
  run: (clone) => {
    const files = filesIn(clone.folder);
    const file = files[Math.floor(clone.random() * files.length)] ?? 'made.txt';
    appendFileSync(path.join(clone.folder, file), clone.newLine(file));
    return Promise.resolve();
  },
};

const make: Verb = {
  name: 'make a file',
  restores: false,
  run: (clone) => {
    const file = `new-${Math.floor(clone.random() * 1e6)}.txt`;
    writeFileSync(path.join(clone.folder, file), clone.newLine(file));
    return Promise.resolve();
  },
};

function of(name: string, restores: boolean, ...commands: readonly string[]): Verb {
  return {
    name,
    restores,
    run: async (clone) => {
      for (const command of commands) await git(clone, command.split(' '));
    },
  };
}

const killed: Verb = {
  name: 'a command that is killed',
  restores: true,
  run: async (clone) => {
    const commands = ['reset --hard HEAD~1', 'checkout -f side', 'stash -u', 'rebase side'];
    const command = commands[Math.floor(clone.random() * commands.length)]!;
    await git(clone, command.split(' '), Math.floor(clone.random() * 30));
    // Whoever is told of the lock by `--status` removes it.
    rmSync(path.join(clone.folder, '.git', 'index.lock'), { force: true });
  },
};

const COMMIT = ['add -A', 'commit -q -m work'];

export const VERBS: readonly Verb[] = [
  edit,
  edit,
  make,
  of('commit', false, ...COMMIT),
  // The hook of this clone puts everything that is not staged aside, and back, as hooks do.
  of('commit with a hook', true, 'add src', '-c core.hooksPath=.git/stashing commit -q -m work'),
  of('checkout of files', true, 'checkout -q -- .'),
  of('reset --hard', true, 'reset -q --hard'),
  of('reset to the commit before', true, 'reset -q --hard HEAD~1'),
  of('clean', true, 'clean -q -f -d -e nested'),
  of('stash', true, 'stash -q -u'),
  of('stash pop', true, 'stash pop -q'),
  of('stash and pop', true, 'stash -q -u', 'stash pop -q'),
  of('switch of branches', true, ...COMMIT, 'checkout -q side', 'checkout -q main'),
  of('another branch', true, ...COMMIT, 'checkout -q side'),
  of('the main branch', true, ...COMMIT, 'checkout -q main'),
  of('merge', true, ...COMMIT, 'merge -q side'),
  of('rebase', true, ...COMMIT, 'rebase -q side'),
  of('pull', true, ...COMMIT, 'pull -q --no-rebase upstream main'),
  of('sparse checkout', false, 'sparse-checkout set --cone src'),
  of('no sparse checkout', true, 'sparse-checkout disable'),
  of('linked work tree', false, 'worktree add -q --detach nested'),
  of('no linked work tree', false, 'worktree remove --force nested'),
  of('bisect', true, ...COMMIT, 'bisect start', 'bisect bad', 'bisect good HEAD~2'),
  of('end of a bisect', true, 'bisect reset'),
  killed,
];

function filesIn(folder: string): readonly string[] {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return found
    .filter(
      (name) => name.endsWith('.txt') && !name.startsWith('nested') && !name.startsWith('.git'),
    )
    .filter((name) => statSync(path.join(folder, name), { throwIfNoEntry: false })?.isFile())
    .sort();
}

const ENVIRONMENT = {
  ...process.env,
  GIT_AUTHOR_NAME: 'Folder',
  GIT_AUTHOR_EMAIL: 'folder@example.org',
  GIT_COMMITTER_NAME: 'Folder',
  GIT_COMMITTER_EMAIL: 'folder@example.org',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_EDITOR: 'true',
};
