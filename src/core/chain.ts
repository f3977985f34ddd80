import { ByteWriter } from './byte-writer.ts';
import type { Changes } from './change.ts';
import { fromHex, type Hash, HASH_BYTES } from './hash.ts';
import type { Intent, OpKind, OpRecord, SubmittedOp } from './op.ts';

/** Number of the encoding below; a world keeps the one it began with. */
export const CHAIN_FORMAT = 1;

/** What the first op of a world is chained to. */
export const CHAIN_START: Uint8Array = new Uint8Array(HASH_BYTES);

/** Numbers of kinds and intents in the encoding: append, never renumber. */
const KIND_CODES: Readonly<Record<OpKind, number>> = {
  create: 1,
  edit: 2,
  rename: 3,
  delete: 4,
  restore: 5,
  mode: 6,
  conflict: 7,
  resolve: 8,
  member: 9,
  policy: 10,
  checkpoint: 11,
  note: 12,
};
const INTENT_CODES: Readonly<Record<Intent, number>> = { typing: 1, patch: 2 };

/** Computes the hashes that tie ops to their history and to what was sent. */
export class ChainHasher {
  readonly #hash: Hash;
  readonly #writer = new ByteWriter();
  /** Few people and agents write many ops: their names are converted once. */
  readonly #identities = new Map<string, Uint8Array>();

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  /** The chain hash of an op that follows the one with chain hash `previous`. */
  link(previous: Uint8Array, op: Omit<OpRecord, 'chainHash'>): Uint8Array {
    const writer = this.#writer.reset().u8(CHAIN_FORMAT).raw(previous);
    writer.u32(op.opSeq).text(op.opId).text(op.batchId).u32(op.fileId).u32(op.version);
    writer.u8(KIND_CODES[op.kind]).bytes(this.#identity(op.actor)).bytes(this.#identity(op.author));
    writer.i64(op.madeAtMicros).u32(op.expectedBaseVersion).u32(op.carriedFrom);
    writer.u8(INTENT_CODES[op.intent]);
    writeChanges(writer, op.changes);
    writer.text(op.payload).u32s(op.overlaps).u32s(op.overwrote);
    writer.u32(op.firstLine).u32(op.lastLine).i32(op.lineDelta);
    writer.bytes(op.payloadHash).bytes(op.beforeHash).bytes(op.afterHash);
    return this.#hash(writer.written);
  }

  /** Identifies an op as it was first sent, so that a retry is told from a reused id. */
  payload(op: SubmittedOp): Uint8Array {
    const writer = this.#writer.reset().u8(CHAIN_FORMAT);
    writer.u32(op.fileId).u32(op.expectedBaseVersion).u8(INTENT_CODES[op.intent]);
    writeChanges(writer, op.changes);
    writer.u32(op.rangeHashes.length);
    for (const range of op.rangeHashes) {
      writer.u32(range.startLine).u32(range.startCharacter);
      writer.u32(range.endLine).u32(range.endCharacter).bytes(range.hash);
    }
    return this.#hash(writer.written);
  }

  #identity(digits: string): Uint8Array {
    let bytes = this.#identities.get(digits);
    if (!bytes) {
      bytes = fromHex(digits);
      this.#identities.set(digits, bytes);
    }
    return bytes;
  }
}

function writeChanges(writer: ByteWriter, changes: Changes): void {
  writer.u32(changes.length);
  for (const change of changes) {
    writer.u32(change.startLine).u32(change.startCharacter);
    writer.u32(change.endLine).u32(change.endCharacter).text(change.text);
  }
}
