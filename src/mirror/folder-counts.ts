/** Owns: which folders have files in them, by the files' paths. */
export class FolderCounts {
  readonly #counts = new Map<string, number>();

  /** Of each path once. */
  add(path: string): void {
    for (const folder of foldersOf(path)) {
      this.#counts.set(folder, (this.#counts.get(folder) ?? 0) + 1);
    }
  }

  remove(path: string): void {
    for (const folder of foldersOf(path)) {
      const count = (this.#counts.get(folder) ?? 0) - 1;
      if (count > 0) this.#counts.set(folder, count);
      else this.#counts.delete(folder);
    }
  }

  has(folder: string): boolean {
    return this.#counts.has(folder);
  }
}

function* foldersOf(path: string): Generator<string> {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    yield path.slice(0, at);
  }
}
