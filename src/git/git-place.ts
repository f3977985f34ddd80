import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { systemCode } from '../host/host-error.ts';

/** Where git keeps what it knows of a folder. Found without running git, so it costs next to nothing. */
export interface GitPlace {
  /** The root of the work tree around the folder. */
  readonly root: string;
  /** Of this work tree: its HEAD and its index are here. */
  readonly gitFolder: string;
  /** What all work trees of the repository share: objects and branches. */
  readonly commonFolder: string;
  /** The folder from the root, ending with `/`; empty for the root itself. */
  readonly prefix: string;
}

/** The repository around a folder; undefined where none is. */
export function findGitPlace(folder: string): GitPlace | undefined {
  const start = realOf(folder);
  if (start === undefined) return undefined;
  let root = start;
  for (;;) {
    const gitFolder = gitFolderAt(path.join(root, '.git'));
    if (gitFolder !== undefined) {
      const inside = path.relative(root, start).split(path.sep).join('/');
      const prefix = inside === '' ? '' : `${inside}/`;
      return { root, gitFolder, commonFolder: commonOf(gitFolder), prefix };
    }
    const above = path.dirname(root);
    if (above === root) return undefined;
    root = above;
  }
}

/**
 * The git folder that something stands for: a git folder itself, or the file that names one, as in
 * linked work trees and submodules. Told by what is in it, whatever it is called.
 */
export function gitFolderAt(entry: string): string | undefined {
  try {
    if (statSync(entry).isDirectory()) return isGitFolder(entry) ? entry : undefined;
    const named = gitFolderNamedIn(entry);
    const target = named === undefined ? undefined : path.resolve(path.dirname(entry), named);
    return target !== undefined && existsSync(path.join(target, 'HEAD')) ? target : undefined;
  } catch (error) {
    if (systemCode(error) !== undefined) return undefined;
    throw error;
  }
}

/** True for a folder that holds a repository's own files: HEAD, and objects and refs of its own or shared ones. */
export function isGitFolder(folder: string): boolean {
  const has = (name: string): boolean => existsSync(path.join(folder, name));
  return has('HEAD') && (has('commondir') || (has('objects') && has('refs')));
}

/** What a file of the form `gitdir: PATH` names; undefined for any other file. */
export function gitFolderNamedIn(file: string): string | undefined {
  const { size } = statSync(file);
  if (size > LONGEST_GIT_FILE) return undefined;
  return /^gitdir: (.+?)\r?\n?$/.exec(readFileSync(file, 'utf8'))?.[1];
}

/** What a ref stands for, by its file; undefined for one that is not there, or is packed. */
export function readLooseRef(commonFolder: string, ref: string): string | undefined {
  try {
    return /^[0-9a-f]{40,64}/.exec(readFileSync(path.join(commonFolder, ref), 'latin1'))?.[0];
  } catch (error) {
    if (systemCode(error) !== undefined) return undefined;
    throw error;
  }
}

function commonOf(gitFolder: string): string {
  const file = path.join(gitFolder, 'commondir');
  if (!existsSync(file)) return gitFolder;
  return path.resolve(gitFolder, readFileSync(file, 'utf8').trim());
}

function realOf(folder: string): string | undefined {
  try {
    return realpathSync(folder);
  } catch (error) {
    if (systemCode(error) !== undefined) return undefined;
    throw error;
  }
}

/** Longer than any path. */
const LONGEST_GIT_FILE = 8192;
