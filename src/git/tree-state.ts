import type { BlobCleaner } from './blob-cleaner.ts';
import type { BlobReader } from './blob-reader.ts';
import { type BytePath, showBytePath, toBytePath } from './byte-path.ts';
import { GitError } from './git-error.ts';
import type { PlannedCommit, PlannedFile } from './planned-commit.ts';
import type { Listing, TreeEntry } from './repository.ts';

/** One file that a commit changes: what takes its place, or nothing. */
export interface TreeChange {
  readonly path: BytePath;
  readonly entry: TreeEntry | undefined;
  /** Where they are not in the repository yet. */
  readonly bytes?: Uint8Array | undefined;
}

/**
 * The tree of the commit that was made last, and the step to the next one. What lies outside of the
 * world (what is too large for it, links, submodules) stays as the base has it.
 */
export class TreeState {
  readonly #folder: string;
  readonly #cleaner: BlobCleaner;
  readonly #blobs: BlobReader;
  /** What the base has, whether the parent has it or not. */
  readonly #carried: Listing;
  #listing: Listing;
  readonly #attributeFiles = new Map<BytePath, Uint8Array>();

  /** `parent` is the tree to begin from, and `carried` that of the base. */
  constructor(
    folder: string,
    cleaner: BlobCleaner,
    blobs: BlobReader,
    trees: { readonly parent: Listing; readonly carried: Listing },
  ) {
    this.#folder = folder;
    this.#cleaner = cleaner;
    this.#blobs = blobs;
    this.#listing = trees.parent;
    this.#carried = trees.carried;
  }

  get listing(): ReadonlyMap<BytePath, TreeEntry> {
    return this.#listing;
  }

  /**
   * What the next commit changes in the tree, as it is found out, so that git can take it meanwhile:
   * first what is removed. To be read to its end.
   */
  async *step(
    commit: Pick<PlannedCommit, 'files' | 'isWhole'>,
  ): AsyncGenerator<TreeChange, void, void> {
    const named = new Map(
      [...commit.files].map(([path, file]) => [toBytePath(`${this.#folder}${path}`), file]),
    );
    const files = this.#worldsOwn(named);
    await this.#useAttributes(files, commit.isWhole);
    const carried = commit.isWhole ? this.#carry(files) : this.#carryLinks(named);
    for (const change of carried) if (!change.entry) yield this.#apply(change);
    for (const [path, file] of files) {
      if (!file && this.#listing.has(path)) yield this.#apply({ path, entry: undefined });
    }
    for (const change of carried) if (change.entry) yield this.#apply(change);
    const present = [...files].flatMap(([path, file]) => (file ? [{ path, file }] : []));
    for (let at = 0; at < present.length; at += FILES_AT_A_TIME) {
      for (const change of await this.#changed(present.slice(at, at + FILES_AT_A_TIME))) {
        yield this.#apply(change);
      }
    }
  }

  /**
   * A path at which the world has no file any more is not the world's to empty where the base has a
   * link or a submodule by now: those are left as the base has them.
   */
  #worldsOwn(
    files: ReadonlyMap<BytePath, PlannedFile | undefined>,
  ): Map<BytePath, PlannedFile | undefined> {
    return new Map([...files].filter(([path, file]) => file || isFile(this.#carried.get(path))));
  }

  /** The links and submodules of the base that come back where a file of the world went. */
  #carryLinks(files: ReadonlyMap<BytePath, PlannedFile | undefined>): TreeChange[] {
    return [...files].flatMap(([path, file]) => {
      const entry = this.#carried.get(path);
      return file || isFile(entry) ? [] : this.#carriedChange(path, entry);
    });
  }

  /** Those that are others than the tree has. */
  async #changed(
    files: readonly { readonly path: BytePath; readonly file: PlannedFile }[],
  ): Promise<readonly TreeChange[]> {
    const works = files.map(({ path, file }) => {
      return { path, bytes: file.bytes(), stored: this.#storedAt(path) };
    });
    const blobs = await this.#cleaner.clean(works);
    return files.flatMap(({ path, file }, index): TreeChange[] => {
      const { id, bytes } = blobs[index]!;
      const entry = { mode: file.isExecutable ? '100755' : '100644', id };
      const known = this.#listing.get(path);
      if (known?.id === id && known.mode === entry.mode) return [];
      return [{ path, entry, bytes: known?.id === id ? undefined : bytes }];
    });
  }

  /** What the base has beside the world, where the parent has something else. */
  #carry(files: ReadonlyMap<BytePath, unknown>): TreeChange[] {
    const changes: TreeChange[] = [];
    for (const path of this.#listing.keys()) {
      if (!files.has(path) && !this.#carried.has(path)) changes.push({ path, entry: undefined });
    }
    for (const [path, entry] of this.#carried) {
      if (files.has(path)) continue;
      this.#demandFree(files, path);
      changes.push(...this.#carriedChange(path, entry));
    }
    return changes;
  }

  #carriedChange(path: BytePath, entry: TreeEntry | undefined): TreeChange[] {
    const known = this.#listing.get(path);
    return known?.id === entry?.id && known?.mode === entry?.mode ? [] : [{ path, entry }];
  }

  /** A file of the world may have come where the base has a folder of things left outside. */
  #demandFree(files: ReadonlyMap<BytePath, unknown>, path: BytePath): void {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      if (!files.get(path.slice(0, at))) continue;
      const [file, outside] = [path.slice(0, at), path].map(showBytePath);
      const why = `${file} is a file in the world, but ${outside} lies outside of the world there`;
      throw new GitError('blocked', `${why}: rename the file, or remove the other from the base`);
    }
  }

  #apply(change: TreeChange): TreeChange {
    const { path, entry } = change;
    if (entry) this.#listing.set(path, entry);
    else this.#listing.delete(path);
    return change;
  }

  #storedAt(path: BytePath): string | undefined {
    const entry = this.#listing.get(path);
    return isFile(entry) ? entry?.id : undefined;
  }

  async #useAttributes(
    files: ReadonlyMap<BytePath, PlannedFile | undefined>,
    isWhole: boolean,
  ): Promise<void> {
    if (isWhole) await this.#readCarriedAttributes(files);
    for (const [path, file] of files) {
      if (!isAttributeFile(path)) continue;
      if (file) this.#attributeFiles.set(path, file.bytes());
      else this.#attributeFiles.delete(path);
    }
    await this.#cleaner.useAttributes(new Map(this.#attributeFiles));
  }

  async #readCarriedAttributes(files: ReadonlyMap<BytePath, unknown>): Promise<void> {
    for (const [path, { id, mode }] of this.#carried) {
      if (!isAttributeFile(path) || files.has(path) || !mode.startsWith('100')) continue;
      const bytes = await this.#blobs.read(id);
      if (bytes) this.#attributeFiles.set(path, bytes);
    }
  }
}

/** False for a link and for a submodule. */
export function isFile(entry: TreeEntry | undefined): boolean {
  return entry === undefined || entry.mode.startsWith('100');
}

/** True for a file that tells git how others are stored. */
export function isAttributeFile(path: BytePath): boolean {
  return path === '.gitattributes' || path.endsWith('/.gitattributes');
}

const FILES_AT_A_TIME = 256;
