/**
 * Writes values one after the other in a canonical form: numbers little-endian and of fixed width,
 * texts in UTF-8 and byte strings both behind their length. The buffer is kept between uses.
 */
export class ByteWriter {
  #bytes = new Uint8Array(1024);
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
    const start = this.#length + 4;
    let written = 0;
    if (value.length < 48) {
      written = this.#ascii(value, start);
    }
    if (written < value.length) {
      written = this.#encoder.encodeInto(value, this.#bytes.subarray(start)).written;
    }
    this.#view.setUint32(this.#length, written, true);
    this.#length = start + written;
    return this;
  }

  /** Text without a length, for content that is all there is. */
  rawText(value: string): this {
    this.#reserve(value.length * 3);
    this.#length += this.#encoder.encodeInto(value, this.#bytes.subarray(this.#length)).written;
    return this;
  }

  /** Short ASCII is quicker by hand; stops at the first other character. */
  #ascii(value: string, start: number): number {
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (code >= 0x80) return 0;
      this.#bytes[start + index] = code;
    }
    return value.length;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
