/**
 * Owns: which files of the world are on disk under a name that they cannot have in the world, so that they
 * are kept there under the former one. Does not know: why, or what is told.
 */
import type { FolderLogEntry } from './folder-log-entry.ts';

export interface StrayedName {
  readonly name: string;
  readonly bytePath?: string | undefined;
}

export class StrayedFiles {
  /** The name on disk, by the path in the world. */
  readonly #names = new Map<string, StrayedName>();
  readonly #paths = new Map<string, string>();

  /** The name on disk of the world's file at a path. */
  nameOf(path: string): string | undefined {
    return this.#names.get(path)?.name;
  }

  /** The same, with its bytes where it is not UTF-8. */
  whereIs(path: string): StrayedName | undefined {
    return this.#names.get(path);
  }

  /** Where the world has the file that is at this name on disk; of one that is not UTF-8 by its bytes. */
  pathOf(name: string): string | undefined {
    return this.#paths.get(name);
  }

  apply(entry: FolderLogEntry): void {
    if (entry.tag === 'strayed') {
      this.#forget(entry.path);
      const { path, name, bytePath } = entry;
      this.#names.set(path, { name, bytePath });
      this.#paths.set(bytePath ?? name, path);
    } else if (entry.tag === 'put' || entry.tag === 'removed') this.#forget(entry.path);
  }

  entriesOf(path: string): readonly FolderLogEntry[] {
    const strayed = this.#names.get(path);
    return strayed === undefined ? [] : [{ tag: 'strayed', path, ...strayed }];
  }

  #forget(path: string): void {
    const strayed = this.#names.get(path);
    if (strayed === undefined) return;
    this.#names.delete(path);
    this.#paths.delete(strayed.bytePath ?? strayed.name);
  }
}
