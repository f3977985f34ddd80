import path from 'node:path';
import type { AutoLineEnds, GitFrame } from '../core/git-point.ts';
import type { BytePath } from './byte-path.ts';
import { GitError } from './git-error.ts';
import { askGit, runGit } from './run-git.ts';

/** A file, link or submodule of a tree. */
export interface TreeEntry {
  /** As git writes it: 100644, 100755, 120000 or 160000. */
  readonly mode: string;
  /** In hexadecimal digits. */
  readonly id: string;
}

/** All files of a tree by their paths from its root. */
export type Listing = Map<BytePath, TreeEntry>;

export type ObjectFormat = 'sha1' | 'sha256';

/** A git repository that a folder lies in. Reads it; what is written is elsewhere. */
export class Repository {
  /** Where git is run: the folder that was named. */
  readonly folder: string;
  readonly gitFolder: string;
  readonly objectFolder: string;
  readonly format: ObjectFormat;
  /** How the folder's files are the repository's. */
  readonly frame: GitFrame;
  /** Names of filters for which something is set up: all others let everything through. */
  readonly filters: ReadonlySet<string>;
  /** Whether the folder's files have executable bits that count. */
  readonly hasModes: boolean;

  private constructor(folder: string, found: Omit<RepositoryFacts, 'folder'>) {
    this.folder = folder;
    this.gitFolder = found.gitFolder;
    this.objectFolder = found.objectFolder;
    this.format = found.format;
    this.frame = found.frame;
    this.filters = found.filters;
    this.hasModes = found.hasModes;
  }

  /** The repository around a folder. Throws `GitError` `no_repository` where there is none. */
  static async open(folder: string): Promise<Repository> {
    const found = await Repository.find(folder);
    if (found) return found;
    const why = `${folder} is in no git repository`;
    throw new GitError('no_repository', `${why}; agent-world export --init makes one of it`);
  }

  /** Undefined where there is none. Throws `GitError` where git is missing, too old, or refuses. */
  static async find(folder: string): Promise<Repository | undefined> {
    const question = ['rev-parse', '--absolute-git-dir', '--git-path', 'objects', ...PLACE];
    const [{ code, out, said }, settings] = await Promise.all([
      runGit(folder, question, { allowed: [128] }),
      settingsOf(folder),
      demandNewGit(folder),
    ]);
    if (code !== 0) {
      if (/not a git repository \(or any/.test(said)) return undefined;
      const isUnsafe = said.includes('safe.directory');
      throw new GitError(isUnsafe ? 'unsafe_repository' : 'git_failed', said.trim());
    }
    const [gitFolder = '', objects = '', format, prefix = ''] = out.toString('utf8').split('\n');
    const { autoLineEnds, filters, hasModes } = settings;
    return new Repository(folder, {
      gitFolder,
      objectFolder: path.resolve(folder, objects),
      format: format === 'sha256' ? 'sha256' : 'sha1',
      frame: { folder: prefix, autoLineEnds },
      filters,
      hasModes,
    });
  }

  /** The commit that is checked out; undefined before there is one. */
  head(): Promise<string | undefined> {
    return this.commitOf('HEAD');
  }

  /** The id of a commit by any of its names; undefined for what is none. */
  async commitOf(name: string): Promise<string | undefined> {
    const question = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
    const { code, out } = await runGit(this.folder, question, { allowed: [1, 128] });
    return code === 0 ? out.toString('utf8').trim() : undefined;
  }

  /** The commit that a name stands for. Throws `GitError` `no_commit`. */
  async demandCommit(name: string): Promise<string> {
    const commit = await this.commitOf(name);
    if (commit !== undefined) return commit;
    throw new GitError('no_commit', `The repository of ${this.folder} has no commit ${name}`);
  }

  /** Everything that is in a commit's tree, under paths from the tree's root. */
  async listTree(commit: string): Promise<Listing> {
    const { out } = await runGit(this.folder, ['ls-tree', '-r', '-z', '--full-tree', commit]);
    const listing: Listing = new Map();
    for (const line of out.toString('latin1').split('\0')) {
      const tab = line.indexOf('\t');
      const [mode, , id] = line.slice(0, Math.max(tab, 0)).split(' ');
      if (mode && id) listing.set(line.slice(tab + 1), { mode, id });
    }
    return listing;
  }

  /** True when `older` is `newer`, or came before it. */
  async isAncestor(older: string, newer: string): Promise<boolean> {
    const question = ['merge-base', '--is-ancestor', older, newer];
    return (await runGit(this.folder, question, { allowed: [1] })).code === 0;
  }

  /** What a full ref name stands for; undefined when it is not there. */
  async refOf(name: string): Promise<string | undefined> {
    const question = ['rev-parse', '--verify', '--quiet', '--end-of-options', name];
    const { code, out } = await runGit(this.folder, question, { allowed: [1, 128] });
    return code === 0 ? out.toString('utf8').trim() : undefined;
  }

  /** Whether there is a note about a commit, under a full ref name. */
  async hasNote(ref: string, commit: string): Promise<boolean> {
    const question = ['notes', `--ref=${ref}`, 'list', commit];
    return (await runGit(this.folder, question, { allowed: [1] })).code === 0;
  }

  /** A branch as it is now; undefined when it is not there. */
  async branch(name: string): Promise<Branch | undefined> {
    const format = '--format=%(refname)%00%(objectname)%00%(symref)%00%(worktreepath)';
    const ref = `refs/heads/${name}`;
    const listed = await askGit(this.folder, ['for-each-ref', format, ref]);
    for (const line of listed.split('\n')) {
      const [found, tip = '', symbolic, worktree] = line.split('\0');
      if (found !== ref) continue;
      return { tip, isSymbolic: symbolic !== '', isCheckedOut: worktree !== '' };
    }
    return undefined;
  }
}

export interface Branch {
  readonly tip: string;
  /** It only stands for another. */
  readonly isSymbolic: boolean;
  /** In any worktree. */
  readonly isCheckedOut: boolean;
}

const PLACE = ['--show-object-format', '--show-prefix'];

/** Throws `GitError` `old_git`. */
async function demandNewGit(folder: string): Promise<void> {
  const version = await askGit(folder, ['version']);
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(version) ?? [];
  const [oldestMajor, oldestMinor] = OLDEST_GIT;
  const isNew =
    Number(major) > oldestMajor || (Number(major) === oldestMajor && Number(minor) >= oldestMinor);
  if (isNew) return;
  const why = `This is ${version}, but ${OLDEST_GIT.join('.')} or newer is needed`;
  throw new GitError('old_git', `${why}: update git`);
}

/** `update-ref` with a step before the last one, and options that end before a name. */
export const OLDEST_GIT = [2, 31] as const;

type RepositoryFacts = Pick<
  Repository,
  'folder' | 'gitFolder' | 'objectFolder' | 'format' | 'frame' | 'filters' | 'hasModes'
>;

async function settingsOf(
  folder: string,
): Promise<Pick<RepositoryFacts, 'filters' | 'hasModes'> & Pick<GitFrame, 'autoLineEnds'>> {
  const question = ['config', '--null', '--get-regexp', SETTINGS];
  const { out } = await runGit(folder, question, { allowed: [1] });
  const filters = new Set<string>();
  let autoLineEnds: AutoLineEnds = 'false';
  let hasModes = true;
  for (const entry of out.toString('utf8').split('\0')) {
    const [name = '', value = 'true'] = entry.split('\n');
    if (name === 'core.autocrlf') autoLineEnds = autoLineEndsOf(value);
    else if (name === 'core.filemode') hasModes = isTrue(value);
    else if (name !== '') filters.add(name.slice(name.indexOf('.') + 1, name.lastIndexOf('.')));
  }
  return { autoLineEnds, filters, hasModes };
}

function autoLineEndsOf(value: string): AutoLineEnds {
  if (value.toLowerCase() === 'input') return 'input';
  return isTrue(value) ? 'true' : 'false';
}

/** As git reads a switch; what it cannot read it refuses itself. */
function isTrue(value: string): boolean {
  const isNumber = /^[-+]?\d+[kmg]?$/i.test(value) && Number.parseInt(value, 10) !== 0;
  return isNumber || ['true', 'yes', 'on'].includes(value.toLowerCase());
}

const SETTINGS = '^(core\\.(autocrlf|filemode)|filter\\..*\\.(clean|process))$';
