/** A map that keeps what was put there last, as far as its bytes allow. */
export class CountedCache<Key, Value> {
  readonly #entries = new Map<Key, { readonly value: Value; readonly bytes: number }>();
  readonly #maxBytes: number;
  readonly #bytesOf: (key: Key, value: Value) => number;
  #bytes = 0;

  /** `bytesOf` says what an entry takes beside its place in the map. */
  constructor(maxBytes: number, bytesOf: (key: Key, value: Value) => number) {
    this.#maxBytes = maxBytes;
    this.#bytesOf = bytesOf;
  }

  /** What is kept, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key)?.value;
  }

  put(key: Key, value: Value): void {
    this.#delete(key);
    const bytes = ENTRY_BYTES + this.#bytesOf(key, value);
    // What is larger than all of the room would only drive the others out.
    if (bytes > this.#maxBytes) return;
    this.#entries.set(key, { value, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#delete(oldest);
    }
  }

  #delete(key: Key): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}

/** What a text takes at most. */
export function bytesOfString(text: string): number {
  return STRING_BYTES + 2 * text.length;
}

/**
 * The same text without what it was cut out of: a part of a long text keeps the whole of it in memory.
 * Half a character becomes U+FFFD.
 */
export function detached(text: string): string {
  return decoder.decode(encoder.encode(text));
}

/** An entry, its places in the map and in the table behind it. */
const ENTRY_BYTES = 128;
const STRING_BYTES = 24;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
