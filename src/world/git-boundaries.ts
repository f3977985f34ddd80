/**
 * Owns: which folders inside of a folder are git's own, and which are repositories of their own, told by
 * what is in them, whatever they are called. Does not know: what the repository around them tracks.
 */
import { type Dirent, readdirSync } from 'node:fs';
import path from 'node:path';
import { foldersOf } from '../core/path.ts';
import { gitFolderNamedIn, isGitFolder } from '../git/git-place.ts';
import { systemCode } from '../host/host-error.ts';

export class GitBoundaries {
  readonly #root: string;
  readonly #own = new Map<string, boolean>();
  readonly #nested = new Map<string, boolean>();

  /** What was found is kept: for as long as a look at the folder takes. */
  constructor(root: string) {
    this.#root = root;
  }

  /** True for a folder that holds a repository's own files, a bare one included. */
  isGits(folder: string): boolean {
    return remembered(this.#own, folder, () => isGitFolder(path.join(this.#root, folder)));
  }

  /** True for a folder that is a work tree of its own; never for the root. */
  isNested(folder: string): boolean {
    return remembered(this.#nested, folder, () => folder !== '' && this.#holdsGit(folder));
  }

  /** The outermost folder above a path that is git's own or a repository of its own. */
  above(name: string): string | undefined {
    return foldersOf(name).find((folder) => this.isGits(folder) || this.isNested(folder));
  }

  #holdsGit(folder: string): boolean {
    return entriesOf(path.join(this.#root, folder)).some((entry) => {
      if (entry.isDirectory()) return this.isGits(`${folder}/${entry.name}`);
      return entry.isFile() && /git/i.test(entry.name) && this.#namesGit(folder, entry.name);
    });
  }

  #namesGit(folder: string, name: string): boolean {
    try {
      return gitFolderNamedIn(path.join(this.#root, folder, name)) !== undefined;
    } catch (error) {
      if (systemCode(error) !== undefined) return false;
      throw error;
    }
  }
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (systemCode(error) !== undefined) return [];
    throw error;
  }
}

function remembered(known: Map<string, boolean>, folder: string, find: () => boolean): boolean {
  let is = known.get(folder);
  if (is === undefined) known.set(folder, (is = find()));
  return is;
}
