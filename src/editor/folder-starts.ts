/**
 * Owns: that each folder of a window starts by itself: one that cannot keeps no other from its world, and is known
 * as failed until it is tried again. Does not know: what starting is, how a failure is told.
 */

/** A folder that could not be bound to its world, and why. */
export interface FailedStart<Folder> {
  readonly folder: Folder;
  readonly error: unknown;
}

export interface FolderStartsParts<Folder> {
  /** The same for the same folder. */
  readonly keyOf: (folder: Folder) => string;
  /** Binds a folder, if it belongs to a world. */
  readonly start: (folder: Folder) => Promise<void>;
  readonly onFailed: (failed: FailedStart<Folder>) => void;
  /** In the window, and in no world. */
  readonly isOutside: (folder: Folder) => boolean;
}

export class FolderStarts<Folder> {
  readonly #parts: FolderStartsParts<Folder>;
  /** By their keys. */
  readonly #underWay = new Set<string>();
  /** Those under way that are of no interest any more. */
  readonly #forgotten = new Set<string>();
  /** Of those: the ones that are back in the window. */
  readonly #again = new Set<string>();
  readonly #failed = new Map<string, FailedStart<Folder>>();

  constructor(parts: FolderStartsParts<Folder>) {
    this.#parts = parts;
  }

  get failed(): readonly FailedStart<Folder>[] {
    return [...this.#failed.values()];
  }

  /** True for a folder that starts now, or could not: nobody knows yet that it is in no world. */
  isOpen(folder: Folder): boolean {
    const key = this.#parts.keyOf(folder);
    return this.#underWay.has(key) || this.#failed.has(key);
  }

  /** Starts those that are not under way, side by side; resolves when all of them have started or failed. */
  async run(folders: readonly Folder[]): Promise<void> {
    await Promise.all(folders.map((folder) => this.#runOne(folder)));
  }

  /** The folder is in its world, whoever brought it there. */
  started(folder: Folder): void {
    this.#failed.delete(this.#parts.keyOf(folder));
  }

  /** The folder is none of the window's any more: that a start under way fails is not told. */
  forget(folder: Folder): void {
    const key = this.#parts.keyOf(folder);
    this.#failed.delete(key);
    this.#again.delete(key);
    if (this.#underWay.has(key)) this.#forgotten.add(key);
  }

  async #runOne(folder: Folder): Promise<void> {
    const key = this.#parts.keyOf(folder);
    // It may have left the window and come back meanwhile.
    const isBack = this.#forgotten.delete(key);
    if (this.#underWay.has(key)) {
      if (isBack) this.#again.add(key);
      return;
    }
    this.#underWay.add(key);
    this.#failed.delete(key);
    try {
      await this.#parts.start(folder);
    } catch (error) {
      // It is tried again by whoever is told of it.
      this.#again.delete(key);
      if (this.#forgotten.has(key)) return;
      const failed = { folder, error };
      this.#failed.set(key, failed);
      this.#parts.onFailed(failed);
    } finally {
      this.#underWay.delete(key);
      this.#forgotten.delete(key);
    }
    // What was started was given up while the folder was out of the window.
    if (this.#again.delete(key) && this.#parts.isOutside(folder)) await this.#runOne(folder);
  }
}
