/** Reads BSATN from a buffer. Every method throws a `RangeError` when the bytes end too early. */
export class BsatnReader {
  readonly #buffer: Buffer;
  #offset: number;

  constructor(buffer: Buffer, offset = 0) {
    this.#buffer = buffer;
    this.#offset = offset;
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#buffer.length - this.#offset;
  }

  u8(): number {
    return this.#buffer.readUInt8(this.#advance(1));
  }

  bool(): boolean {
    return this.u8() !== 0;
  }

  u16(): number {
    return this.#buffer.readUInt16LE(this.#advance(2));
  }

  u32(): number {
    return this.#buffer.readUInt32LE(this.#advance(4));
  }

  u64(): bigint {
    return this.#buffer.readBigUInt64LE(this.#advance(8));
  }

  i64(): bigint {
    return this.#buffer.readBigInt64LE(this.#advance(8));
  }

  /** Eight bytes as a number; exact below 2^53. */
  u64AsNumber(): number {
    const low = this.u32();
    return this.u32() * 2 ** 32 + low;
  }

  /** An integer of `byteCount` bytes. */
  integer(byteCount: number, signed: boolean): bigint {
    const start = this.#advance(byteCount);
    let value = 0n;
    for (let index = start + byteCount - 1; index >= start; index--) {
      value = (value << 8n) | BigInt(this.#buffer.readUInt8(index));
    }
    return signed ? BigInt.asIntN(byteCount * 8, value) : value;
  }

  f32(): number {
    return this.#buffer.readFloatLE(this.#advance(4));
  }

  f64(): number {
    return this.#buffer.readDoubleLE(this.#advance(8));
  }

  /** A view of the next `byteCount` bytes. */
  raw(byteCount: number): Buffer {
    const start = this.#advance(byteCount);
    return this.#buffer.subarray(start, start + byteCount);
  }

  /** A view of the next length-prefixed bytes. */
  bytes(): Buffer {
    return this.raw(this.u32());
  }

  string(): string {
    const byteLength = this.u32();
    const start = this.#advance(byteLength);
    return this.#buffer.toString('utf8', start, start + byteLength);
  }

  option<Value>(read: () => Value): Value | null {
    const tag = this.u8();
    if (tag === 0) return read();
    if (tag === 1) return null;
    throw new RangeError(`option tag ${tag}`);
  }

  array<Value>(read: () => Value): Value[] {
    const length = this.u32();
    const values: Value[] = [];
    for (let index = 0; index < length; index++) values.push(read());
    return values;
  }

  #advance(byteCount: number): number {
    const start = this.#offset;
    if (start + byteCount > this.#buffer.length) {
      throw new RangeError(`${byteCount} bytes wanted at ${start} of ${this.#buffer.length}`);
    }
    this.#offset = start + byteCount;
    return start;
  }
}
