import { isDeepStrictEqual } from 'node:util';
import { Listeners, type StopListening } from './listeners.ts';

/** A row that came (`before` undefined), changed, or went (`after` undefined). */
export interface RowChange<Value> {
  readonly before: Value | undefined;
  readonly after: Value | undefined;
}

/** Rows of a table that a session always watches: kept across connections, told only what differs. */
export class LiveRows<Key, Value extends object> {
  readonly #keyOf: (value: Value) => Key;
  readonly #rows = new Map<Key, Value>();
  readonly #changes: Listeners<RowChange<Value>>;

  constructor(keyOf: (value: Value) => Key, onError: (error: unknown) => void) {
    this.#keyOf = keyOf;
    this.#changes = new Listeners(onError);
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: Key): Value | undefined {
    return this.#rows.get(key);
  }

  has(key: Key): boolean {
    return this.#rows.has(key);
  }

  keys(): IterableIterator<Key> {
    return this.#rows.keys();
  }

  values(): IterableIterator<Value> {
    return this.#rows.values();
  }

  onChange(listener: (change: RowChange<Value>) => void): StopListening {
    return this.#changes.add(listener);
  }

  /** Takes a row in; the same row again is no change. */
  put(after: Value): void {
    const key = this.#keyOf(after);
    const before = this.#rows.get(key);
    if (before !== undefined && isDeepStrictEqual(before, after)) return;
    this.#rows.set(key, after);
    this.#changes.emit({ before, after });
  }

  remove(row: Value): void {
    const key = this.#keyOf(row);
    const before = this.#rows.get(key);
    if (before === undefined) return;
    this.#rows.delete(key);
    this.#changes.emit({ before, after: undefined });
  }

  /** Makes these the rows, telling the differences. */
  reset(rows: Iterable<Value>): void {
    const gone = new Map(this.#rows);
    const present = [...rows];
    for (const row of present) gone.delete(this.#keyOf(row));
    for (const row of gone.values()) this.remove(row);
    for (const row of present) this.put(row);
  }
}
