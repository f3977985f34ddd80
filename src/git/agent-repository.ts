/**
 * Owns: the repository of an agent's own folder. What git is asked there is answered against the commit that the
 * world stands on; objects are those of the person's repository, refs and index are its own. Does not know: when
 * that commit moves, what is in the folder.
 */
import { existsSync } from 'node:fs';
import {
  appendFile,
  chmod,
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { NEVER_RULES } from '../world/ignore-rules.ts';
import { OWN_NAMES } from '../world/own-names.ts';
import { findGitPlace } from './git-place.ts';
import type { GitPoints, Told } from './git-points.ts';
import type { GitPoint } from '../core/git-point.ts';
import { Repository } from './repository.ts';
import { askGit, runGit } from './run-git.ts';

/** `theirs`: the folder has a repository that somebody made; it stays as it is. */
export type AgentBase =
  { readonly tag: 'commit'; readonly commit: string } | { readonly tag: 'empty' | 'theirs' };

/** True for a folder whose repository is one of these. */
export function hasAgentRepository(folder: string): boolean {
  return existsSync(markOf(folder));
}

/**
 * Makes the folder's repository where there is none, and lets it stand on the newest commit that the world was
 * brought in from, or written out to, and that the person's repository has. `source`: the person's folder; empty
 * where there is none. Throws `GitError`.
 */
export async function standOnBase(
  folder: string,
  source: string,
  points: Pick<GitPoints, 'bases' | 'exports'>,
): Promise<AgentBase> {
  const place = path.join(folder, '.git');
  const isThere = (await lstat(place).catch(() => undefined)) !== undefined;
  if (isThere && !hasAgentRepository(folder)) return { tag: 'theirs' };
  const repository = source === '' ? undefined : await Repository.find(source);
  const point = repository && (await newestPoint(repository, points));
  if (!isThere) await make(folder, repository);
  if (repository) await borrowFrom(folder, repository);
  else await leaveOutPackages(folder);
  const tip = point && (await tipOf(folder, point));
  await standOn(folder, tip);
  return point ? { tag: 'commit', commit: point.commit } : { tag: 'empty' };
}

async function newestPoint(
  repository: Repository,
  { bases, exports }: Pick<GitPoints, 'bases' | 'exports'>,
): Promise<Told<GitPoint> | undefined> {
  const newestFirst = [...bases, ...exports].sort((a, b) => b.opSeq - a.opSeq);
  for (const point of newestFirst.slice(0, MOST_POINTS)) {
    if ((await repository.commitOf(point.commit)) !== undefined) return point;
  }
  return undefined;
}

/** Older ones are of no use to anybody. */
const MOST_POINTS = 20;

/** Beside the folder at first: whoever watches the folder sees it whole, or not at all. */
async function make(folder: string, repository: Repository | undefined): Promise<void> {
  const draft = await mkdtemp(path.join(path.dirname(folder), `.${path.basename(folder)}.`));
  try {
    const format = `--object-format=${repository?.format ?? 'sha1'}`;
    await runGit(draft, ['init', '--quiet', '--template=', format]);
    await runGit(draft, ['symbolic-ref', 'HEAD', BRANCH]);
    const settings = [
      // A person's hooks for all their repositories are not for here.
      ['core.hooksPath', '.git/hooks'],
      ['gc.auto', '0'],
      ['advice.addIgnoredFile', 'false'],
    ] as const;
    for (const [name, value] of settings) await runGit(draft, ['config', name, value]);
    const hooks = path.join(draft, '.git', 'hooks');
    await mkdir(hooks, { recursive: true });
    for (const name of ['pre-commit', 'pre-merge-commit']) {
      await writeFile(path.join(hooks, name), REFUSAL);
      await chmod(path.join(hooks, name), 0o755);
    }
    await writeFile(markOf(draft), '');
    await rename(path.join(draft, '.git'), path.join(folder, '.git'));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Takes over from the person's repository what decides how files are read; its objects are used where they are. */
async function borrowFrom(folder: string, repository: Repository): Promise<void> {
  const own = path.join(folder, '.git');
  const info = path.join(own, 'info');
  await mkdir(info, { recursive: true });
  await mkdir(path.join(own, 'objects', 'info'), { recursive: true });
  const alternates = path.join(own, 'objects', 'info', 'alternates');
  await writeFile(alternates, `${repository.objectFolder}\n`);
  const common = findGitPlace(repository.folder)?.commonFolder;
  for (const name of ['shallow', 'info/exclude', 'info/attributes']) {
    if (common && existsSync(path.join(common, name))) {
      await copyFile(path.join(common, name), path.join(own, name));
    } else {
      await rm(path.join(own, name), { force: true });
    }
  }
  await appendFile(path.join(info, 'exclude'), `\n${OWN_NAMES.join('\n')}\n`);
  for (const name of ['core.autocrlf', 'core.eol']) {
    const question = ['config', '--get', name];
    const { out } = await runGit(repository.folder, question, { allowed: [1] });
    const value = out.toString('utf8').trim();
    if (value !== '') await runGit(folder, ['config', name, value]);
  }
}

/** Where no git was, installed packages are in no world whether a file of rules says so or not. */
async function leaveOutPackages(folder: string): Promise<void> {
  const info = path.join(folder, '.git', 'info');
  await mkdir(info, { recursive: true });
  await writeFile(path.join(info, 'exclude'), `${[...NEVER_RULES, ...OWN_NAMES].join('\n')}\n`);
}

/** The commit itself; of a world that is a folder of the repository, one that has this folder alone. */
async function tipOf(folder: string, { commit, folder: prefix }: GitPoint): Promise<string> {
  if (prefix === '') return commit;
  const tree = await askGit(folder, ['rev-parse', '--verify', `${commit}:${prefix.slice(0, -1)}`]);
  const date = await askGit(folder, ['show', '-s', '--format=%cI', commit]);
  const who = { NAME: 'Agent World', EMAIL: 'agent-world@localhost', DATE: date };
  const env = Object.fromEntries(
    Object.entries(who).flatMap(([key, value]) => [
      [`GIT_AUTHOR_${key}`, value],
      [`GIT_COMMITTER_${key}`, value],
    ]),
  );
  const message = `${prefix} as it is in ${commit}`;
  return askGit(folder, ['commit-tree', tree, '-m', message], { env });
}

/** Moves branch and index to a commit, and touches no file. What was committed here is kept under a branch. */
async function standOn(folder: string, tip: string | undefined): Promise<void> {
  const mark = await readFile(markOf(folder), 'utf8');
  const head = await commitIn(folder, 'HEAD');
  if (tip === undefined || (head === tip && mark === tip)) return;
  if (head !== undefined && head !== mark && head !== tip) {
    await runGit(folder, ['update-ref', `refs/heads/local-${head.slice(0, 12)}`, head]);
  }
  // The index is what somebody else's git may have locked: then nothing is moved yet.
  await runGit(folder, ['read-tree', tip]);
  await leaveOut(folder);
  // What the disk has of it is found out once, here; it says so by its code where files differ.
  await runGit(folder, ['update-index', '-q', '--refresh'], { allowed: [1, 128] });
  await runGit(folder, ['symbolic-ref', 'HEAD', BRANCH]);
  await runGit(folder, ['update-ref', '-m', 'agent-world: the world’s base', BRANCH, tip]);
  await writeFile(markOf(folder), tip);
}

/** Links and submodules are in no world, so in no folder of an agent: git is not to tell them as deleted. */
async function leaveOut(folder: string): Promise<void> {
  const { out } = await runGit(folder, ['ls-files', '--stage', '-z']);
  const lines = out.toString('latin1').split('\0');
  const names = lines
    .filter((line) => /^1[26]0000 /.test(line))
    .map((line) => line.slice(line.indexOf('\t') + 1));
  if (names.length === 0) return;
  const input = Buffer.from(names.map((name) => `${name}\0`).join(''), 'latin1');
  await runGit(folder, ['update-index', '--skip-worktree', '-z', '--stdin'], { input });
}

async function commitIn(folder: string, name: string): Promise<string | undefined> {
  const question = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
  const { code, out } = await runGit(folder, question, { allowed: [1, 128] });
  return code === 0 ? out.toString('utf8').trim() : undefined;
}

function markOf(folder: string): string {
  return path.join(folder, '.git', 'agent-world');
}

const BRANCH = 'refs/heads/world';

/** What a commit is answered with. `--no-verify` makes one all the same, which stays here. */
const REFUSAL = `#!/bin/sh
# Written by Agent World.
echo 'Nothing is committed here: what this folder has is in the shared world already. A person writes the world out as commits with: agent-world export' >&2
exit 1
`;
