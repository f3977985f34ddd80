import { CACHE_BYTES } from './cache-sizes.ts';
import type { Hash } from './hash.ts';

/**
 * Writes values one after the other in a canonical form: numbers little-endian and of fixed width,
 * texts in UTF-8 and byte strings both behind their length. The buffer is kept between uses.
 */
export class ByteWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  readonly #encoder = new TextEncoder();

  reset(): this {
    this.#length = 0;
    return this;
  }

  /** What was written since `reset`; a view that the next use overwrites. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** The hash of what was written. A buffer that became large for it is not kept. */
  hashedBy(hash: Hash): Uint8Array {
    const hashed = hash(this.written);
    if (this.#bytes.length > CACHE_BYTES.writer) this.#use(new Uint8Array(FIRST_BYTES));
    return hashed;
  }

  u8(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  u32(value: number): this {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
    return this;
  }

  i32(value: number): this {
    this.#reserve(4);
    this.#view.setInt32(this.#length, value, true);
    this.#length += 4;
    return this;
  }

  i64(value: bigint): this {
    this.#reserve(8);
    this.#view.setBigInt64(this.#length, value, true);
    this.#length += 8;
    return this;
  }

  u32s(values: readonly number[]): this {
    this.u32(values.length);
    for (const value of values) this.u32(value);
    return this;
  }

  /** Bytes without a length: for values whose length is fixed. */
  raw(value: Uint8Array): this {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  bytes(value: Uint8Array): this {
    return this.u32(value.length).raw(value);
  }

  text(value: string): this {
    this.#reserve(4 + value.length * 3);
    const end = this.#utf8(value, this.#length + 4);
    this.#view.setUint32(this.#length, end - this.#length - 4, true);
    this.#length = end;
    return this;
  }

  /** Text without a length, for content that is all there is. */
  rawText(value: string): this {
    this.#reserve(value.length * 3);
    this.#length = this.#utf8(value, this.#length);
    return this;
  }

  /** Writes UTF-8 from `at` on and returns where it ends. Short text is quicker by hand. */
  #utf8(value: string, at: number): number {
    if (value.length >= 48 && HAS_ENCODE_INTO) {
      return at + this.#encoder.encodeInto(value, this.#bytes.subarray(at)).written;
    }
    return writeUtf8(value, this.#bytes, at);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#use(grown);
  }

  #use(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

const FIRST_BYTES = 1024;

/** The encoder that a world's module is given has `encode` only. */
const HAS_ENCODE_INTO = 'encodeInto' in TextEncoder.prototype;

/** Lone surrogates become U+FFFD, as every encoder writes them. */
function writeUtf8(value: string, bytes: Uint8Array, start: number): number {
  let at = start;
  for (let index = 0; index < value.length; index++) {
    let code = value.charCodeAt(index);
    if (code < 0x80) {
      bytes[at++] = code;
      continue;
    }
    if (code < 0x800) {
      bytes[at++] = 0xc0 | (code >> 6);
      bytes[at++] = 0x80 | (code & 0x3f);
      continue;
    }
    if (code >= 0xd800 && code <= 0xdfff) {
      const low = code < 0xdc00 ? value.charCodeAt(index + 1) : 0;
      if (low >= 0xdc00 && low <= 0xdfff) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        bytes[at++] = 0xf0 | (code >> 18);
        bytes[at++] = 0x80 | ((code >> 12) & 0x3f);
        bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
        bytes[at++] = 0x80 | (code & 0x3f);
        index++;
        continue;
      }
      code = 0xfffd;
    }
    bytes[at++] = 0xe0 | (code >> 12);
    bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
    bytes[at++] = 0x80 | (code & 0x3f);
  }
  return at;
}
