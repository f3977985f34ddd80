/**
 * Owns: which files of a folder are left out by `.gitignore` files, whether git is there or not, and
 * by patterns of the user's. Does not know: what git tracks all the same.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import createIgnore, { type Ignore } from 'ignore';
import { systemCode } from '../host/host-error.ts';
import { foldersOf } from '../core/path.ts';

/** What a folder's own file of rules is called, as git has it. */
export const IGNORE_FILE = '.gitignore';

/** Like git, where nobody told it otherwise. */
const SPELLING = { ignorecase: process.platform !== 'linux' };

/** Folders of version control and of installed packages, which belong into no world. */
const NEVER = new Set(['.git', '.hg', '.svn', '.jj', 'node_modules', '.venv', '__pycache__']);
const NEVER_LISTED = new Set(['.DS_Store', 'Thumbs.db']);

/** The same as lines of a file of rules, for a repository that was made where none was. */
export const NEVER_RULES: readonly string[] = [
  ...[...NEVER].map((name) => `${name}/`),
  ...NEVER_LISTED,
];

export class IgnoreRules {
  readonly #folder: string;
  readonly #exclude: Ignore;
  /** The rules that stand in a folder, by its path; of the root it is the empty string. */
  readonly #inFolder = new Map<string, Promise<Ignore | undefined>>();
  readonly #ignoredFolders = new Map<string, Promise<boolean>>();

  /** `exclude`: patterns in the syntax of `.gitignore`, from the folder's root. */
  constructor(folder: string, exclude: readonly string[]) {
    this.#folder = folder;
    this.#exclude = createIgnore(SPELLING).add([...exclude]);
  }

  /** True for what the user's own patterns leave out, tracked by git or not. */
  isExcluded(name: string): boolean {
    return this.#exclude.ignores(name);
  }

  /** True for a file that any of the rules leaves out. */
  async ignoresFile(name: string): Promise<boolean> {
    if (NEVER_LISTED.has(path.posix.basename(name))) return true;
    const folder = parentOf(name);
    if (folder !== '' && (await this.ignoresFolder(folder))) return true;
    return this.isExcluded(name) || this.#isIgnored(name, name);
  }

  /** True for a folder in which every file is left out: nothing in it can be taken in again. */
  ignoresFolder(folder: string): Promise<boolean> {
    let known = this.#ignoredFolders.get(folder);
    if (known === undefined) {
      known = this.#ignoresFolder(folder);
      this.#ignoredFolders.set(folder, known);
    }
    return known;
  }

  async #ignoresFolder(folder: string): Promise<boolean> {
    if (NEVER.has(path.posix.basename(folder))) return true;
    const parent = parentOf(folder);
    if (parent !== '' && (await this.ignoresFolder(parent))) return true;
    return this.isExcluded(`${folder}/`) || this.#isIgnored(folder, `${folder}/`);
  }

  /** The deepest file of rules that says anything about it decides. */
  async #isIgnored(name: string, spelled: string): Promise<boolean> {
    let isIgnored = false;
    for (const folder of ['', ...foldersOf(name)]) {
      const rules = await this.#rulesIn(folder);
      if (rules === undefined) continue;
      const verdict = rules.test(folder === '' ? spelled : spelled.slice(folder.length + 1));
      if (verdict.ignored) isIgnored = true;
      else if (verdict.unignored) isIgnored = false;
    }
    return isIgnored;
  }

  #rulesIn(folder: string): Promise<Ignore | undefined> {
    let known = this.#inFolder.get(folder);
    if (known === undefined) {
      known = readRules(path.join(this.#folder, folder, IGNORE_FILE));
      this.#inFolder.set(folder, known);
    }
    return known;
  }
}

async function readRules(file: string): Promise<Ignore | undefined> {
  try {
    return createIgnore(SPELLING).add(await readFile(file, 'utf8'));
  } catch (error) {
    if (UNREADABLE.has(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** A folder of that name, or one that may not be read, has no rules. */
const UNREADABLE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'ELOOP']);

function parentOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')));
}
