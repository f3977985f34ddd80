import type { Key } from './key.ts';
import type { Row } from './row.ts';
import { SortedKeys } from './sorted-keys.ts';

/** Which keys a range scan wants; both are monotone in the order of keys. */
export interface KeyRange {
  starts(key: Key): boolean;
  continues(key: Key): boolean;
}

const NO_ROWS: readonly Row[] = [];

/**
 * Rows by one or more columns. Points cost a hash look-up; the sorted order is only kept from the
 * first range scan on, since most indexes never see one.
 */
export class TableIndex {
  readonly unique: boolean;
  readonly #position: number;
  readonly #rows = new Map<Key, Row | Set<Row>>();
  #sorted: SortedKeys | null = null;

  /** `position` is the index's place among its table's, hence in every row's `keys`. */
  constructor(position: number, unique: boolean) {
    this.#position = position;
    this.unique = unique;
  }

  keyOf(row: Row): Key {
    const key = row.keys[this.#position];
    if (key === undefined) throw new Error(`a row has no key ${this.#position}`);
    return key;
  }

  /** The row with this key in a unique index. */
  one(key: Key): Row | undefined {
    const found = this.#rows.get(key);
    return found instanceof Set ? undefined : found;
  }

  /** The rows with this key, oldest first. The result does not change later. */
  many(key: Key): readonly Row[] {
    const found = this.#rows.get(key);
    if (found === undefined) return NO_ROWS;
    return found instanceof Set ? [...found] : [found];
  }

  /** The rows in a range of keys, in key order. The result does not change later. */
  range(range: KeyRange): Row[] {
    this.#sorted ??= new SortedKeys(this.#rows.keys());
    const rows: Row[] = [];
    for (const key of this.#sorted.range(
      (key) => range.starts(key),
      (key) => range.continues(key),
    )) {
      const found = this.#rows.get(key);
      if (found instanceof Set) for (const row of found) rows.push(row);
      else if (found !== undefined) rows.push(found);
    }
    return rows;
  }

  add(row: Row): void {
    const key = this.keyOf(row);
    const found = this.#rows.get(key);
    if (found === undefined) {
      this.#rows.set(key, row);
      this.#sorted?.add(key);
    } else if (found instanceof Set) {
      found.add(row);
    } else {
      this.#rows.set(key, new Set([found, row]));
    }
  }

  delete(row: Row): void {
    const key = this.keyOf(row);
    const found = this.#rows.get(key);
    if (found instanceof Set) {
      found.delete(row);
      if (found.size > 0) return;
    } else if (found !== row) {
      return;
    }
    this.#rows.delete(key);
    this.#sorted?.delete(key);
  }
}
