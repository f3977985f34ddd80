import { sameBytes } from '../../src/core/hash.ts';
import type { Text } from '../../src/core/text.ts';
import { bytesApart, bytesOfText } from './text-bytes.ts';

interface Entry {
  readonly version: number;
  readonly hash: Uint8Array;
  readonly text: Text;
  /** What is kept for it beside what the entry before has: of the first one, all of its text. */
  bytes: number;
  /** What the entry before has and this one has not. */
  lost: number;
}

/**
 * Texts of recent versions of some files. A text is found only under the hash that history gives
 * its version, so what a rolled-back call left here is never used; losing it costs only time.
 */
export class TextCache {
  /** Files and versions stand in the order of their last use: the oldest go first. */
  readonly #files = new Map<number, Entry[]>();
  readonly #maxFiles: number;
  readonly #maxVersions: number;
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxFiles: number, maxVersions: number, maxBytes: number) {
    this.#maxFiles = maxFiles;
    this.#maxVersions = maxVersions;
    this.#maxBytes = maxBytes;
  }

  /** What all that is kept takes. */
  get bytes(): number {
    return this.#bytes;
  }

  get(fileId: number, version: number, hash: Uint8Array): Text | undefined {
    const entry = this.#files.get(fileId)?.findLast((each) => each.version === version);
    return entry && sameBytes(entry.hash, hash) ? entry.text : undefined;
  }

  /** Keeps the text of a file's newest version. */
  put(fileId: number, version: number, hash: Uint8Array, text: Text): void {
    const entries = this.#files.get(fileId) ?? [];
    this.#files.delete(fileId);
    this.#files.set(fileId, entries);
    // Mostly it is a new one: those are in order.
    const isNew = entries.length === 0 || version > entries.at(-1)!.version;
    const known = isNew ? -1 : entries.findLastIndex((each) => each.version === version);
    if (known >= 0) this.#drop(entries, known);
    const { bytes, lost } = sizesAfter(text, entries.at(-1));
    const entry = { version, hash, text, bytes, lost };
    entries.push(entry);
    this.#bytes += entry.bytes;
    if (entries.length > this.#maxVersions) this.#drop(entries, 0);
    this.#evict();
  }

  #evict(): void {
    for (const [fileId, entries] of this.#files) {
      const isLast = this.#files.size === 1;
      const isTooMany = this.#files.size > this.#maxFiles;
      if (!isTooMany && this.#bytes <= this.#maxBytes) return;
      const kept = isLast ? 1 : 0;
      const room = isTooMany ? -1 : this.#maxBytes;
      while (entries.length > kept && this.#bytes > room) {
        this.#drop(entries, 0);
      }
      if (entries.length === 0) this.#files.delete(fileId);
    }
  }

  /** Takes an entry out; the one behind it has another neighbour then. */
  #drop(entries: Entry[], index: number): void {
    const dropped = index === 0 ? entries.shift() : entries.splice(index, 1)[0];
    this.#bytes -= dropped!.bytes;
    const next = entries[index];
    if (!next) return;
    // All that the next takes is told from what the first took: no text is walked through for it.
    const all = { bytes: dropped!.bytes - next.lost + next.bytes - ENTRY_BYTES, lost: 0 };
    const sizes = index === 0 ? all : sizesAfter(next.text, entries[index - 1]);
    this.#bytes += sizes.bytes - next.bytes;
    next.bytes = sizes.bytes;
    next.lost = sizes.lost;
  }
}

function sizesAfter(text: Text, before: Entry | undefined): Pick<Entry, 'bytes' | 'lost'> {
  if (!before) return { bytes: ENTRY_BYTES + bytesOfText(text), lost: 0 };
  const { own, other } = bytesApart(text, before.text);
  return { bytes: ENTRY_BYTES + own, lost: other };
}

/** An entry with its hash. */
const ENTRY_BYTES = 320;
