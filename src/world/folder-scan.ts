import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { type BytePath, fromBytePath, showBytePath } from '../git/byte-path.ts';
import { GitError } from '../git/git-error.ts';
import { runGit } from '../git/run-git.ts';
import { systemCode } from '../host/host-error.ts';
import { pathFault, pathKey, type PathFault } from '../core/path.ts';

/** A file of a folder that a world can hold. */
export interface ScannedFile {
  /** Relative, with `/` between its parts. */
  readonly path: string;
  readonly bytes: number;
  readonly executable: boolean;
}

export interface SkippedFile {
  readonly path: string;
  /**
   * `special`: neither file nor folder. `twin`: some file systems take it for another of the list.
   * `not_utf8`: its name; what is shown of it stands for others, too.
   */
  readonly why: 'symlink' | 'special' | 'submodule' | 'twin' | 'not_utf8' | PathFault;
}

export interface FolderScan {
  /** Sorted by path. */
  readonly files: readonly ScannedFile[];
  readonly skipped: readonly SkippedFile[];
}

/**
 * Lists what of a folder belongs into a world: where git is at work, what it tracks or would track;
 * otherwise everything but version control's own folders and installed packages.
 */
export async function scanFolder(folder: string, signal?: AbortSignal): Promise<FolderScan> {
  const listed = (await listByGit(folder, signal)) ?? (await listByWalk(folder, signal));
  const files: ScannedFile[] = [];
  const skipped: SkippedFile[] = [];
  const keys = new Set<string>();
  const names = new Map(listed.map((name) => [showBytePath(name), name]));
  for (const [name, bytePath] of [...names].sort(([a], [b]) => (a < b ? -1 : 1))) {
    signal?.throwIfAborted();
    if (fromBytePath(bytePath) === undefined) {
      skipped.push({ path: name, why: 'not_utf8' });
      continue;
    }
    // A repository inside of this one that it does not know of is listed as a folder.
    if (name.endsWith('/')) {
      skipped.push({ path: name.slice(0, -1), why: 'submodule' });
      continue;
    }
    const found = await look(folder, name);
    if (found === undefined) continue;
    if ('why' in found) skipped.push(found);
    else if (keys.has(pathKey(name))) skipped.push({ path: name, why: 'twin' });
    else {
      keys.add(pathKey(name));
      files.push(found);
    }
  }
  return { files, skipped };
}

/** Undefined for what git lists but is not there any more. */
async function look(folder: string, name: string): Promise<ScannedFile | SkippedFile | undefined> {
  const fault = pathFault(name);
  if (fault) return { path: name, why: fault };
  const status = await lstat(path.join(folder, name)).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (status === undefined) return undefined;
  if (status.isSymbolicLink()) return { path: name, why: 'symlink' };
  if (status.isDirectory()) {
    return (await isSubmodule(folder, name)) ? { path: name, why: 'submodule' } : undefined;
  }
  if (!status.isFile()) return { path: name, why: 'special' };
  return { path: name, bytes: status.size, executable: (status.mode & OWNER_EXECUTES) !== 0 };
}

/** Otherwise a file became a folder, whose files are listed themselves. */
async function isSubmodule(folder: string, name: string): Promise<boolean> {
  const inside = await readdir(path.join(folder, name));
  return inside.length === 0 || inside.includes('.git');
}

const OWNER_EXECUTES = 0o100;

/** Undefined where there is no git, or the folder is not under it. */
async function listByGit(
  folder: string,
  signal: AbortSignal | undefined,
): Promise<readonly BytePath[] | undefined> {
  try {
    const { out } = await runGit(folder, GIT_LISTING, { signal });
    const names = out.toString('latin1').split('\0');
    const present = names.filter((name) => name !== '');
    // A folder that the repository around it ignores is nobody's: git lists nothing of it.
    return present.length > 0 ? present : undefined;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof GitError) return undefined;
    throw error;
  }
}

const GIT_LISTING = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
const NOT_WALKED = new Set(['.git', '.hg', '.svn', '.jj', 'node_modules', '.venv', '__pycache__']);
const NOT_LISTED = new Set(['.DS_Store', 'Thumbs.db']);

async function listByWalk(
  folder: string,
  signal: AbortSignal | undefined,
): Promise<readonly BytePath[]> {
  const names: BytePath[] = [];
  const walk = async (below: BytePath): Promise<void> => {
    signal?.throwIfAborted();
    const here = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(below, 'latin1')]);
    for (const entry of await readdir(here, { withFileTypes: true, encoding: 'buffer' })) {
      const own = entry.name.toString('latin1');
      const name = below === '' ? own : `${below}/${own}`;
      if (!entry.isDirectory()) {
        if (!NOT_LISTED.has(own)) names.push(name);
      } else if (!NOT_WALKED.has(own)) {
        await walk(name);
      }
    }
  };
  await walk('');
  return names;
}

/** Where a folder became a file, what git still lists below it is missing too. */
function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}
