import { sameBytes } from '../../src/core/hash.ts';
import type { Text } from '../../src/core/text.ts';

interface Entry {
  readonly hash: Uint8Array;
  readonly text: Text;
}

interface CachedFile {
  readonly versions: Map<number, Entry>;
  /** Of the newest text; older versions share most of theirs with it. */
  characters: number;
}

/**
 * Texts of recent versions of some files. A text is found only under the hash that history gives
 * its version, so what a rolled-back call left here is never used; losing it costs only time.
 */
export class TextCache {
  readonly #files = new Map<number, CachedFile>();
  readonly #maxFiles: number;
  readonly #maxVersions: number;
  readonly #maxCharacters: number;
  #characters = 0;

  constructor(maxFiles: number, maxVersions: number, maxCharacters: number) {
    this.#maxFiles = maxFiles;
    this.#maxVersions = maxVersions;
    this.#maxCharacters = maxCharacters;
  }

  get(fileId: number, version: number, hash: Uint8Array): Text | undefined {
    const entry = this.#files.get(fileId)?.versions.get(version);
    return entry && sameBytes(entry.hash, hash) ? entry.text : undefined;
  }

  /** Keeps the text of a file's newest version. */
  put(fileId: number, version: number, hash: Uint8Array, text: Text): void {
    const file = this.#files.get(fileId) ?? { versions: new Map<number, Entry>(), characters: 0 };
    // Files and versions stand in the order of their last use: the oldest go first.
    this.#files.delete(fileId);
    this.#files.set(fileId, file);
    file.versions.delete(version);
    file.versions.set(version, { hash, text });
    if (file.versions.size > this.#maxVersions) file.versions.delete(firstKey(file.versions));
    this.#characters += text.length - file.characters;
    file.characters = text.length;
    this.#evict();
  }

  #evict(): void {
    while (
      this.#files.size > 1 &&
      (this.#files.size > this.#maxFiles || this.#characters > this.#maxCharacters)
    ) {
      const oldest = firstKey(this.#files);
      this.#characters -= this.#files.get(oldest)!.characters;
      this.#files.delete(oldest);
    }
  }
}

function firstKey<Value>(map: ReadonlyMap<number, Value>): number {
  return map.keys().next().value!;
}
