import type { Key } from './key.ts';

/** Chunks are split in two beyond this many keys. */
const LARGEST_CHUNK = 512;

/**
 * A sorted set of keys in chunks, so that inserting moves one chunk's keys and not all of them.
 * Every chunk but the first of an empty set holds at least one key.
 */
export class SortedKeys {
  #chunks: Key[][];

  constructor(keys: Iterable<Key>) {
    const sorted = [...keys].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
    this.#chunks = [];
    for (let start = 0; start < sorted.length; start += LARGEST_CHUNK / 2) {
      this.#chunks.push(sorted.slice(start, start + LARGEST_CHUNK / 2));
    }
    if (this.#chunks.length === 0) this.#chunks.push([]);
  }

  /** Adds a key that is not in the set. */
  add(key: Key): void {
    const position = this.#chunkFor(key);
    const chunk = this.#chunk(position);
    chunk.splice(lowerBound(chunk, key), 0, key);
    if (chunk.length > LARGEST_CHUNK) {
      this.#chunks.splice(position + 1, 0, chunk.splice(LARGEST_CHUNK / 2));
    }
  }

  /** Removes a key that is in the set. */
  delete(key: Key): void {
    const position = this.#chunkFor(key);
    const chunk = this.#chunk(position);
    chunk.splice(lowerBound(chunk, key), 1);
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(position, 1);
  }

  /**
   * The keys from the first that `starts` holds for, in order, while `continues` holds. Both are asked
   * of a few keys of each chunk, however many lie in the range.
   */
  range(starts: (key: Key) => boolean, continues: (key: Key) => boolean): Key[] {
    let position = partition(this.#chunks, (chunk) => {
      const last = chunk.at(-1);
      return last !== undefined && starts(last);
    });
    const found: Key[][] = [];
    for (; position < this.#chunks.length; position++) {
      const chunk = this.#chunk(position);
      const start = found.length === 0 ? partition(chunk, starts) : 0;
      const end = partition(chunk, (key) => !continues(key));
      found.push(chunk.slice(start, end));
      if (end < chunk.length) break;
    }
    return found.length === 1 ? found[0]! : found.flat();
  }

  #chunk(position: number): Key[] {
    const chunk = this.#chunks[position];
    if (chunk === undefined) throw new Error(`no chunk ${position}`);
    return chunk;
  }

  /** The chunk that holds the key, or where it belongs. */
  #chunkFor(key: Key): number {
    const found = partition(this.#chunks, (chunk) => {
      const last = chunk.at(-1);
      return last !== undefined && last >= key;
    });
    return Math.min(found, this.#chunks.length - 1);
  }
}

function lowerBound(keys: readonly Key[], key: Key): number {
  return partition(keys, (each) => each >= key);
}

/** Index of the first item that `holds`, given that all after it do too. */
function partition<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && holds(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}
