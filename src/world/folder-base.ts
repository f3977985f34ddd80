import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BasePoint } from '../core/git-point.ts';
import type { FileMode } from '../core/op-payload.ts';
import { fromBytePath, toBytePath } from '../git/byte-path.ts';
import { GitError } from '../git/git-error.ts';
import { Repository } from '../git/repository.ts';
import { runGit } from '../git/run-git.ts';

/** A file as the commit has it that a folder was checked out from. */
export interface BaseFile {
  readonly mode: FileMode;
  /** True when what is in the folder is something else, or nothing. */
  readonly isDirty: boolean;
}

/** The commit behind a folder's files, and where they differ from it. Paths are the folder's. */
export interface FolderBase {
  readonly frame: Pick<BasePoint, 'commit' | 'folder' | 'autoLineEnds'>;
  readonly files: ReadonlyMap<string, BaseFile>;
  /** Whether executable bits of the folder's files count. */
  readonly hasModes: boolean;
  /** The bytes that a checkout would put into the folder, of some files that are dirty. */
  checkOut(paths: readonly string[], use: (file: CheckedOut) => Promise<void>): Promise<void>;
}

export interface CheckedOut {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The commit that a folder is checked out from; undefined where there is none, or no git. */
export async function headCommit(folder: string): Promise<string | undefined> {
  const repository = await repositoryOf(folder);
  return repository?.head();
}

/** What a commit has of a folder, links and submodules left out. Throws `GitError`. */
export async function folderBase(
  folder: string,
  commit: string,
  signal?: AbortSignal,
): Promise<FolderBase | undefined> {
  const repository = await repositoryOf(folder);
  if ((await repository?.commitOf(commit)) === undefined) return undefined;
  const { frame, hasModes } = repository!;
  const prefix = toBytePath(frame.folder);
  const dirty = await dirtyPaths(folder, commit, signal);
  const files = new Map<string, BaseFile>();
  for (const [full, { mode }] of await repository!.listTree(commit)) {
    const name = full.startsWith(prefix) ? fromBytePath(full.slice(prefix.length)) : undefined;
    if (name === undefined || !mode.startsWith('100')) continue;
    const isDirty = dirty.has(name);
    files.set(name, { mode: mode === '100755' ? 'executable' : 'regular', isDirty });
  }
  const checkOut: FolderBase['checkOut'] = (paths, use) =>
    checkOutFiles(repository!, commit, paths, use);
  return { frame: { commit, ...frame }, files, hasModes, checkOut };
}

async function repositoryOf(folder: string): Promise<Repository | undefined> {
  try {
    return await Repository.find(folder);
  } catch (error) {
    if (error instanceof GitError) return undefined;
    throw error;
  }
}

/** By content, as git compares it: line ends and filters are taken into account. */
async function dirtyPaths(
  folder: string,
  commit: string,
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string>> {
  const { out } = await runGit(folder, [...DIFF, commit, '--', '.'], { signal });
  const names = out
    .toString('latin1')
    .split('\0')
    .filter((name) => name !== '');
  return new Set(names.map(fromBytePath).filter((name) => name !== undefined));
}

/** The bytes that a checkout of a commit would put into the repository's folder, of some files. */
export async function checkOutFiles(
  repository: Repository,
  commit: string,
  paths: readonly string[],
  use: (file: CheckedOut) => Promise<void>,
): Promise<void> {
  if (paths.length === 0) return;
  const place = await mkdtemp(path.join(tmpdir(), 'agent-world-base-'));
  try {
    // Large files stay where they are: a pointer is what the commit has.
    const env = { GIT_INDEX_FILE: path.join(place, 'index'), GIT_LFS_SKIP_SMUDGE: '1' };
    await runGit(repository.folder, ['read-tree', commit], { env });
    const args = ['checkout-index', '--force', '-z', '--stdin', `--prefix=${place}/tree/`];
    const input = paths.map((name) => `${name}\0`).join('');
    await runGit(repository.folder, args, { env, input });
    for (const name of paths) {
      const file = path.join(place, 'tree', repository.frame.folder, name);
      await use({ path: name, bytes: new Uint8Array(await readFile(file)) });
    }
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

const DIFF = [
  'diff',
  '--name-only',
  '-z',
  '--relative',
  '--no-renames',
  '--no-ext-diff',
  '--no-textconv',
  '--ignore-submodules=all',
];
