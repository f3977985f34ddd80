import { execFile } from 'node:child_process';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
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
  /** `special`: neither file nor folder. `twin`: some file systems take it for another of the list. */
  readonly why: 'symlink' | 'special' | 'submodule' | 'twin' | PathFault;
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
  const names = (await listByGit(folder, signal)) ?? (await listByWalk(folder, signal));
  const files: ScannedFile[] = [];
  const skipped: SkippedFile[] = [];
  const keys = new Set<string>();
  for (const name of [...new Set(names)].sort()) {
    signal?.throwIfAborted();
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
  if (status.isDirectory()) return { path: name, why: 'submodule' };
  if (!status.isFile()) return { path: name, why: 'special' };
  return { path: name, bytes: status.size, executable: (status.mode & OWNER_EXECUTES) !== 0 };
}

const OWNER_EXECUTES = 0o100;
const run = promisify(execFile);

/** Undefined where there is no git, or the folder is not under it. */
async function listByGit(
  folder: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[] | undefined> {
  try {
    const { stdout } = await run(
      'git',
      // The folder may be anybody's: its configuration must not make git start programs.
      ['-C', folder, '-c', 'core.fsmonitor=false', 'ls-files', ...GIT_LISTING],
      { maxBuffer: MAX_LISTING_BYTES, ...(signal === undefined ? {} : { signal }) },
    );
    const names = stdout.split('\0').filter((name) => name !== '');
    // A folder that the repository around it ignores is nobody's: git lists nothing of it.
    return names.length > 0 ? names : undefined;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Error) return undefined;
    throw error;
  }
}

const GIT_LISTING = ['--cached', '--others', '--exclude-standard', '-z'];
const MAX_LISTING_BYTES = 256 * 1024 * 1024;
const NOT_WALKED = new Set(['.git', '.hg', '.svn', '.jj', 'node_modules', '.venv', '__pycache__']);
const NOT_LISTED = new Set(['.DS_Store', 'Thumbs.db']);

async function listByWalk(
  folder: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const names: string[] = [];
  const walk = async (below: string): Promise<void> => {
    signal?.throwIfAborted();
    for (const entry of await readdir(path.join(folder, below), { withFileTypes: true })) {
      const name = below === '' ? entry.name : `${below}/${entry.name}`;
      if (!entry.isDirectory()) {
        if (!NOT_LISTED.has(entry.name)) names.push(name);
      } else if (!NOT_WALKED.has(entry.name)) {
        await walk(name);
      }
    }
  };
  await walk('');
  return names;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
