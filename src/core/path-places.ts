import { foldersOf, pathKey } from './path.ts';

/** What keeps a file from being at a path of a world. */
export interface InTheWay {
  /**
   * `twin`: a file with a name that some file system takes for the same; `file`: a folder of the path
   * is a file; `folder`: the path is a folder.
   */
  readonly why: 'twin' | 'file' | 'folder';
  /** Of that file or folder. */
  readonly path: string;
}

/** Which places of a world its living files take, by the rules of the world's server. */
export class PathPlaces {
  /** By their keys. */
  readonly #files = new Map<string, string>();
  /** How many files are in a folder, at any depth, by the folder's key. */
  readonly #folders = new Map<string, number>();

  static of(paths: Iterable<string>): PathPlaces {
    const places = new PathPlaces();
    for (const path of paths) places.add(path);
    return places;
  }

  add(path: string): void {
    this.#files.set(pathKey(path), path);
    this.#count(path, 1);
  }

  remove(path: string): void {
    const key = pathKey(path);
    if (this.#files.get(key) === path) this.#files.delete(key);
    this.#count(path, -1);
  }

  /** Undefined where a file may come to be; one at just this path is not in its own way. */
  inTheWay(path: string): InTheWay | undefined {
    const twin = this.#files.get(pathKey(path));
    if (twin !== undefined && twin !== path) return { why: 'twin', path: twin };
    for (const folder of foldersOf(path)) {
      const file = this.#files.get(pathKey(folder));
      if (file !== undefined) return { why: 'file', path: file };
    }
    return this.#folders.has(pathKey(path)) ? { why: 'folder', path } : undefined;
  }

  #count(path: string, change: 1 | -1): void {
    for (const folder of foldersOf(path)) {
      const key = pathKey(folder);
      const files = (this.#folders.get(key) ?? 0) + change;
      if (files > 0) this.#folders.set(key, files);
      else this.#folders.delete(key);
    }
  }
}
