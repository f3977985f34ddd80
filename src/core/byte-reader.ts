import { toHex } from './hash.ts';
import { decodeUtf8 } from './utf8.ts';

/** Reads what `ByteWriter` wrote. Throws RangeError where the bytes are not of that form. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes that were not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#advance(8), true);
  }

  u32s(): readonly number[] {
    const count = this.u32();
    if (count === 0) return NO_NUMBERS;
    this.#demand(4 * count);
    return Array.from({ length: count }, () => this.u32());
  }

  /** A view of the next bytes, not a copy. */
  raw(count: number): Uint8Array {
    const start = this.#advance(count);
    return this.#bytes.subarray(start, start + count);
  }

  /** A view of bytes behind their length. */
  bytes(): Uint8Array {
    return this.raw(this.u32());
  }

  text(): string {
    const count = this.u32();
    const start = this.#advance(count);
    return count < SHORT_TEXT_BYTES
      ? this.#shortText(start, start + count)
      : this.#longText(start, start + count);
  }

  /** Identifiers and single keys are ASCII, and a decoder takes longer to call than to run. */
  #shortText(start: number, end: number): string {
    if (end - start === 1 && this.#bytes[start]! < 0x80) return ASCII[this.#bytes[start]!]!;
    for (let at = start; at < end; at++) {
      if (this.#bytes[at]! >= 0x80) return this.#longText(start, end);
    }
    // Takes bytes as it takes an array of numbers; its type does not say so.
    const codes = this.#bytes.subarray(start, end) as unknown as number[];
    return String.fromCharCode.apply(undefined, codes);
  }

  #longText(start: number, end: number): string {
    try {
      return decodeUtf8(this.#bytes.subarray(start, end));
    } catch {
      throw new RangeError(`not UTF-8: ${toHex(this.#bytes.subarray(start, start + 8))}…`);
    }
  }

  #advance(count: number): number {
    this.#demand(count);
    const start = this.#at;
    this.#at += count;
    return start;
  }

  #demand(count: number): void {
    if (count > this.remaining) throw new RangeError('the bytes end before the value does');
  }
}

const SHORT_TEXT_BYTES = 48;
const NO_NUMBERS: readonly number[] = [];
const ASCII = Array.from({ length: 0x80 }, (_, code) => String.fromCharCode(code));
