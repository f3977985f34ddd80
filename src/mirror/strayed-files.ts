/**
 * Owns: which files of the world are on disk under a name that they cannot have in the world, so that they
 * are kept there under the former one. Does not know: why, or what is told.
 */
import type { FolderLogEntry } from './folder-log-entry.ts';

export class StrayedFiles {
  /** The name on disk, by the path in the world. */
  readonly #names = new Map<string, string>();
  readonly #paths = new Map<string, string>();

  /** The name on disk of the world's file at a path. */
  nameOf(path: string): string | undefined {
    return this.#names.get(path);
  }

  /** Where the world has the file that is at this name on disk. */
  pathOf(name: string): string | undefined {
    return this.#paths.get(name);
  }

  apply(entry: FolderLogEntry): void {
    if (entry.tag === 'strayed') {
      this.#forget(entry.path);
      this.#names.set(entry.path, entry.name);
      this.#paths.set(entry.name, entry.path);
    } else if (entry.tag === 'put' || entry.tag === 'removed') this.#forget(entry.path);
  }

  entriesOf(path: string): readonly FolderLogEntry[] {
    const name = this.#names.get(path);
    return name === undefined ? [] : [{ tag: 'strayed', path, name }];
  }

  #forget(path: string): void {
    const name = this.#names.get(path);
    if (name === undefined) return;
    this.#names.delete(path);
    this.#paths.delete(name);
  }
}
