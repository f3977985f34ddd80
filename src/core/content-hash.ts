import { ByteWriter } from './byte-writer.ts';
import type { Chunk, Group } from './chunk.ts';
import type { Hash, TextHash } from './hash.ts';
import type { Text } from './text.ts';

/** First byte of what is hashed, so that no level can pass for another. */
const LEVEL = { chunk: 0, group: 1, text: 2, binary: 3 } as const;

/**
 * Content hashes of texts: SHA-256 over a tree of groups and chunks. Hashes of chunks and groups
 * are kept with them, so after an edit only the touched chunk, its group and the root are computed.
 */
export class ContentHasher {
  readonly #hash: Hash;
  readonly #hashText: TextHash | undefined;
  readonly #writer = new ByteWriter();

  /** `hashText`: the same function of texts, where that costs less than to write their bytes here. */
  constructor(hash: Hash, hashText?: TextHash) {
    this.#hash = hash;
    this.#hashText = hashText;
  }

  /** 32 bytes that are the same for the same text, however it came about. */
  text(text: Text): Uint8Array {
    // The parts first: they use the same writer.
    const parts = text.groups.map((group) => this.group(group));
    return this.ofGroups(parts);
  }

  /** The hash of a text from those of all its groups. */
  ofGroups(hashes: readonly Uint8Array[]): Uint8Array {
    return this.#level(LEVEL.text, hashes);
  }

  /** The hash of a group, which is also the name of its text as a stored part. */
  group(group: Group): Uint8Array {
    if (!group.hash) {
      const parts = group.chunks.map((chunk) => this.#chunk(chunk));
      group.hash = this.#level(LEVEL.group, parts);
    }
    return group.hash;
  }

  /** The hash of content that is not text. */
  binary(bytes: Uint8Array): Uint8Array {
    return this.#writer.reset().u8(LEVEL.binary).raw(bytes).hashedBy(this.#hash);
  }

  #chunk(chunk: Chunk): Uint8Array {
    const known = chunk.hash;
    if (known) return known;
    const hash = this.#hashOf(chunk.lineCount, chunk.content);
    chunk.hash = hash;
    return hash;
  }

  #hashOf(lines: number, content: string): Uint8Array {
    // What is below 128 is one byte in UTF-8 as well.
    if (this.#hashText && lines < 0x80) {
      return this.#hashText(String.fromCharCode(LEVEL.chunk, lines, 0, 0, 0) + content);
    }
    return this.#writer.reset().u8(LEVEL.chunk).u32(lines).rawText(content).hashedBy(this.#hash);
  }

  #level(level: number, parts: readonly Uint8Array[]): Uint8Array {
    this.#writer.reset().u8(level).u32(parts.length);
    for (const part of parts) this.#writer.raw(part);
    return this.#writer.hashedBy(this.#hash);
  }
}
