/**
 * Owns: copying what builds need, and no world has, from a person's folder into an agent's: installed packages and
 * caches, whole, in place of what was copied before. Nothing is linked to the person's. Does not know: when.
 */
import { randomBytes } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  utimes,
} from 'node:fs/promises';
import path from 'node:path';
import { IgnoreRules } from '../world/ignore-rules.ts';
import { pathInside } from '../world/path-inside.ts';

export interface CopyBuildsOptions {
  /** The person's folder, and the agent's; absolute. */
  readonly from: string;
  readonly to: string;
  /** Names of folders, and of files, wherever they are. */
  readonly folders: readonly string[];
  readonly files: readonly string[];
  readonly mostFiles: number;
  readonly mostBytes: number;
  /** False for what would enter the world from the agent's folder. */
  readonly isLeftOut: (path: string, isFolder: boolean) => Promise<boolean>;
  /** True where the world has the file, or a file in the folder, whatever the rules say. */
  readonly isShared?: (path: string) => boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (files: number) => void;
}

export interface CopiedBuilds {
  /** Paths from the folder's root, with `/`. */
  readonly copied: readonly string[];
  readonly files: number;
  readonly bytes: number;
  /** What was not copied, and why. */
  readonly leftOut: readonly { readonly path: string; readonly why: LeftOut }[];
}

/** `leads_out`: links that lead out of the folder, told once for each copied folder. */
export type LeftOut = 'too_much' | 'not_ignored' | 'leads_out' | 'in_the_way';

/** Rejects when `signal` aborts; what was under way leaves nothing behind. */
export async function copyBuilds(options: CopyBuildsOptions): Promise<CopiedBuilds> {
  const from = await realpath(options.from);
  return new BuildsCopy({ ...options, from, to: await realpath(options.to) }).run();
}

/** More folders than any project has, its packages aside. */
const MOST_FOLDERS = 100_000;

class BuildsCopy {
  readonly #options: CopyBuildsOptions;
  /** What is left out of the person's folder is not looked through. */
  readonly #rules: IgnoreRules;
  readonly #copied: string[] = [];
  readonly #leftOut: { readonly path: string; readonly why: LeftOut }[] = [];
  #files = 0;
  #bytes = 0;
  #folders = 0;

  constructor(options: CopyBuildsOptions) {
    this.#options = options;
    this.#rules = new IgnoreRules(options.from, []);
  }

  async run(): Promise<CopiedBuilds> {
    await this.#look('');
    const copied = this.#copied.toSorted();
    return { copied, files: this.#files, bytes: this.#bytes, leftOut: this.#leftOut };
  }

  async #look(folder: string): Promise<void> {
    this.#options.signal?.throwIfAborted();
    if (++this.#folders > MOST_FOLDERS) return;
    for (const entry of await this.#entriesOf(folder)) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const { folders, files } = this.#options;
      if (entry.isDirectory()) {
        if (folders.includes(entry.name))
          await this.#copyOne(name, await this.#options.isLeftOut(name, true));
        else if (entry.name !== '.git' && !(await this.#rules.ignoresFolder(name)))
          await this.#look(name);
      } else if (entry.isFile() && files.includes(entry.name)) {
        await this.#copyOne(name, await this.#options.isLeftOut(name, false));
      }
    }
  }

  async #copyOne(name: string, isIgnored: boolean): Promise<void> {
    if (!isIgnored || this.#options.isShared?.(name))
      return void this.#leftOut.push({ path: name, why: 'not_ignored' });
    const { to } = this.#options;
    const target = path.join(to, name);
    const parent = path.dirname(target);
    // A link in the agent's folder must not lead the copy elsewhere.
    const isInside = (await realpath(parent).catch(() => undefined)) === parent;
    if (!isInside) return void this.#leftOut.push({ path: name, why: 'in_the_way' });
    // Beside the agent's folder: on the same disk, and seen by no mirror while it grows.
    const draft = path.join(
      path.dirname(to),
      `.${path.basename(to)}.${randomBytes(6).toString('hex')}`,
    );
    const [before, beforeBytes] = [this.#files, this.#bytes];
    try {
      await mkdir(draft);
      const made = path.join(draft, 'made');
      if (!(await this.#copyTree(name, name, made))) {
        this.#files = before;
        this.#bytes = beforeBytes;
        this.#leftOut.push({ path: name, why: 'too_much' });
        return;
      }
      await rename(target, path.join(draft, 'former')).catch(() => undefined);
      await rename(made, target);
      this.#copied.push(name);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }

  /** False where it is more than may be copied. */
  async #copyTree(root: string, name: string, target: string): Promise<boolean> {
    this.#options.signal?.throwIfAborted();
    const source = path.join(this.#options.from, name);
    const status = await lstat(source);
    if (status.isSymbolicLink()) return this.#copyLink(root, name, target);
    if (status.isDirectory()) {
      await mkdir(target, { mode: 0o700 });
      for (const entry of await this.#entriesOf(name)) {
        const inside = path.join(target, entry.name);
        if (!(await this.#copyTree(root, `${name}/${entry.name}`, inside))) return false;
      }
      await chmod(target, status.mode & 0o777);
      return true;
    }
    if (!status.isFile()) return true;
    return this.#copyBytes(source, target);
  }

  async #copyBytes(source: string, target: string): Promise<boolean> {
    const { size, mode, atime, mtime } = await stat(source);
    const { mostFiles, mostBytes, onProgress } = this.#options;
    this.#files++;
    this.#bytes += size;
    if (this.#files > mostFiles || this.#bytes > mostBytes) return false;
    await copyFile(source, target, constants.COPYFILE_FICLONE);
    await chmod(target, mode & 0o777);
    // Builds go by these.
    await utimes(target, atime, mtime);
    if (this.#files % 500 === 0) onProgress?.(this.#files);
    return true;
  }

  /** One that stays in the folder leads to the same place of the copy; a program elsewhere is copied. */
  async #copyLink(root: string, name: string, target: string): Promise<boolean> {
    const { from } = this.#options;
    const source = path.join(from, name);
    const end = path.resolve(path.dirname(source), await readlink(source));
    // Neither undefined, which is outside, nor the folder itself.
    if (pathInside(from, end)) {
      await symlink(path.relative(path.dirname(source), end), target);
      return true;
    }
    const status = await stat(source).catch(() => undefined);
    // An interpreter, as that of a virtual environment.
    if (status?.isFile() && (status.mode & 0o111) !== 0) return this.#copyBytes(source, target);
    const isTold = this.#leftOut.some(
      ({ path: told, why }) => told === root && why === 'leads_out',
    );
    if (!isTold) this.#leftOut.push({ path: root, why: 'leads_out' });
    return true;
  }

  async #entriesOf(folder: string): Promise<readonly Dirent[]> {
    return readdir(path.join(this.#options.from, folder), { withFileTypes: true });
  }
}
