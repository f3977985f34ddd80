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
  /** Folders by their keys: as it was spelled first, and how many files are in it at any depth. */
  readonly #folders = new Map<string, { readonly path: string; readonly files: number }>();

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

  /** A path as the world spells it: that of a file or folder that is there, or begins with such a folder. */
  spelling(path: string): string {
    const key = pathKey(path);
    const known = this.#files.get(key) ?? this.#folders.get(key)?.path;
    if (known !== undefined) return known;
    const folder = foldersOf(path).findLast((each) => this.#folders.has(pathKey(each)));
    if (folder === undefined) return path;
    return this.#folders.get(pathKey(folder))!.path + path.slice(folder.length);
  }

  #count(path: string, change: 1 | -1): void {
    for (const folder of foldersOf(path)) {
      const key = pathKey(folder);
      const known = this.#folders.get(key);
      const files = (known?.files ?? 0) + change;
      if (files > 0) this.#folders.set(key, { path: known?.path ?? folder, files });
      else this.#folders.delete(key);
    }
  }
}
