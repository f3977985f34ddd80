import { ByteWriter } from './byte-writer.ts';
import { type Hash, HASH_BYTES } from './hash.ts';
import { intentCode, OpEncoder, type UnchainedOp, writeChanges } from './op-codec.ts';
import type { SubmittedOp } from './op.ts';

/** Number of the encodings here and in `op-codec.ts`; a world keeps the one it began with. */
export const CHAIN_FORMAT = 1;

/** What the first op of a world is chained to. */
export const CHAIN_START: Uint8Array = new Uint8Array(HASH_BYTES);

/** Computes the hashes that tie ops to their history and to what was sent. */
export class ChainHasher {
  readonly #hash: Hash;
  readonly #writer = new ByteWriter();
  readonly #encoder = new OpEncoder();
  #opBytes = 0;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  /** The chain hash of an op that follows the one with chain hash `previous`. */
  link(previous: Uint8Array, op: UnchainedOp): Uint8Array {
    const writer = this.#writer.reset().u8(CHAIN_FORMAT).raw(previous);
    this.#encoder.write(writer, op);
    this.#opBytes = writer.written.length - 1 - previous.length;
    return writer.hashedBy(this.#hash);
  }

  /** How many bytes the op that was linked last is encoded in. */
  get opBytes(): number {
    return this.#opBytes;
  }

  /** The same of an op in its encoding. */
  linkEncoded(previous: Uint8Array, encoded: Uint8Array): Uint8Array {
    return this.#writer.reset().u8(CHAIN_FORMAT).raw(previous).raw(encoded).hashedBy(this.#hash);
  }

  /** Identifies an op as it was first sent, so that a retry is told from a reused id. */
  payload(op: SubmittedOp): Uint8Array {
    const writer = this.#writer.reset().u8(CHAIN_FORMAT);
    writer.u32(op.fileId).u32(op.expectedBaseVersion).u8(intentCode(op.intent));
    writeChanges(writer, op.changes);
    writer.u32(op.rangeHashes.length);
    for (const range of op.rangeHashes) {
      writer.u32(range.startLine).u32(range.startCharacter);
      writer.u32(range.endLine).u32(range.endCharacter).bytes(range.hash);
    }
    return writer.hashedBy(this.#hash);
  }
}
