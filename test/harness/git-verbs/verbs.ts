/** What people and tools do with git in a clone, each as one command line or a few. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
  readonly run: (clone: Clone, git: RunGit) => Promise<void>;
}

/** Runs git; what it refuses is no failure of anybody's. */
export type RunGit = (command: string) => Promise<void>;

function runGit({ folder }: Pick<Clone, 'folder'>, command: string): ChildProcess {
  // A group of its own: what git starts ends with it.
  const options = { cwd: folder, env: ENVIRONMENT, stdio: 'ignore', detached: true } as const;
  return spawn('git', command.split(' '), options);
}

async function git(clone: Pick<Clone, 'folder'>, command: string): Promise<void> {
  await once(runGit(clone, command), 'close');
}

/** Does it to the end. */
export function runVerb(verb: Verb, clone: Clone): Promise<void> {
  return verb.run(clone, (command) => git(clone, command));
}

/**
 * Does it until git is killed after some time, with whatever it has started; what it left locked is free
 * afterwards, as `--status` says how. Returns the command that was killed, if one was.
 */
export async function runKilled(
  verb: Verb,
  clone: Clone,
  afterMs: number,
): Promise<string | undefined> {
  let running: ChildProcess | undefined;
  let killed: string | undefined;
  let command = '';
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    if (running?.pid === undefined || running.exitCode !== null) return;
    killed = command;
    process.kill(-running.pid, 'SIGKILL');
  }, afterMs);
  await verb.run(clone, async (next) => {
    if (isOver) return;
    command = next;
    running = runGit(clone, next);
    await once(running, 'close');
    running = undefined;
  });
  clearTimeout(timer);
  if (killed !== undefined) freeLocks(clone);
  return killed;
}

function freeLocks({ folder }: Pick<Clone, 'folder'>): void {
  const gitFolder = path.join(folder, '.git');
  for (const name of readdirSync(gitFolder, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.lock')) rmSync(path.join(gitFolder, name), { force: true });
  }
}

/** Ends whatever stands still, as somebody would who wants to go on. */
export async function giveUp(clone: Pick<Clone, 'folder'>): Promise<void> {
  freeLocks(clone);
  const commands = [
    'rebase --abort',
    'merge --abort',
    // A stash that could not be popped leaves files in conflict: they count as resolved, as they are.
    'reset -q',
    'bisect reset',
    'sparse-checkout disable',
    'worktree remove --force nested',
  ];
  for (const command of commands) await git(clone, command);
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
    run: async (_, git) => {
      for (const command of commands) await git(command);
    },
  };
}

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
  of('switch by force', true, 'checkout -q -f side'),
  of('checkout of older files', true, 'checkout -q HEAD~1 -- src'),
  of('end of a merge or rebase', true, 'merge --abort', 'rebase --abort'),
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
