import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { Change, Changes } from './change.ts';
import { CACHE_BYTES } from './cache-sizes.ts';
import { fromHex, sameBytes, toHex } from './hash.ts';
import type { IdentityHex, Intent, OpKind, OpRecord } from './op.ts';

/** An op without its place in the chain: what the chain is made over. */
export type UnchainedOp = Omit<OpRecord, 'chainHash'>;

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

/** The canonical encoding of ops, chain format 1: the same op gives the same bytes everywhere. */
export class OpEncoder {
  /** Few people and agents write many ops: their names are converted once. */
  readonly #identities = new Map<IdentityHex, Uint8Array>();

  write(writer: ByteWriter, op: UnchainedOp): void {
    writer.u32(op.opSeq).text(op.opId).text(op.batchId).u32(op.fileId).u32(op.version);
    writer.u8(KIND_CODES[op.kind]).bytes(this.#identity(op.actor)).bytes(this.#identity(op.author));
    writer.i64(op.madeAtMicros).u32(op.expectedBaseVersion).u32(op.carriedFrom);
    writer.u8(intentCode(op.intent));
    writeChanges(writer, op.changes);
    writer.text(op.payload).u32s(op.overlaps).u32s(op.overwrote);
    writer.u32(op.firstLine).u32(op.lastLine).i32(op.lineDelta);
    writer.bytes(op.payloadHash).bytes(op.beforeHash).bytes(op.afterHash);
  }

  #identity(digits: IdentityHex): Uint8Array {
    let bytes = this.#identities.get(digits);
    if (!bytes) {
      bytes = fromHex(digits);
      if (this.#identities.size >= WRITERS_KEPT) this.#identities.clear();
      this.#identities.set(digits, bytes);
    }
    return bytes;
  }
}

/** Reads ops back. Throws RangeError for bytes that no op is written as. */
export class OpDecoder {
  #identities: { readonly bytes: Uint8Array; readonly hex: IdentityHex }[] = [];

  /** Hashes are views of the reader's bytes. */
  read(reader: ByteReader): UnchainedOp {
    // Properties are evaluated in order, which is that of the encoding.
    return {
      opSeq: reader.u32(),
      opId: reader.text(),
      batchId: reader.text(),
      fileId: reader.u32(),
      version: reader.u32(),
      kind: known(KINDS, reader.u8()),
      actor: this.#identity(reader.bytes()),
      author: this.#identity(reader.bytes()),
      madeAtMicros: reader.i64(),
      expectedBaseVersion: reader.u32(),
      carriedFrom: reader.u32(),
      intent: known(INTENTS, reader.u8()),
      changes: readChanges(reader),
      payload: reader.text(),
      overlaps: reader.u32s(),
      overwrote: reader.u32s(),
      firstLine: reader.u32(),
      lastLine: reader.u32(),
      lineDelta: reader.i32(),
      payloadHash: reader.bytes(),
      beforeHash: reader.bytes(),
      afterHash: reader.bytes(),
    };
  }

  /** The kind alone, of an op that is read to its end only by whoever wants that kind. */
  readKind(reader: ByteReader): OpKind {
    reader.u32();
    reader.text();
    reader.text();
    reader.u32();
    reader.u32();
    return known(KINDS, reader.u8());
  }

  /** Who wrote the op before mostly wrote this one too. */
  #identity(bytes: Uint8Array): IdentityHex {
    const found = this.#identities.find((identity) => sameBytes(identity.bytes, bytes));
    if (found) return found.hex;
    // A view would keep all of what is read in memory.
    const identity = { bytes: bytes.slice(), hex: toHex(bytes) };
    this.#identities = [identity, ...this.#identities.slice(0, IDENTITIES_KEPT - 1)];
    return identity.hex;
  }
}

export function intentCode(intent: Intent): number {
  return INTENT_CODES[intent];
}

export function writeChanges(writer: ByteWriter, changes: Changes): void {
  writer.u32(changes.length);
  for (const change of changes) {
    writer.u32(change.startLine).u32(change.startCharacter);
    writer.u32(change.endLine).u32(change.endCharacter).text(change.text);
  }
}

export function readChanges(reader: ByteReader): Changes {
  const count = reader.u32();
  if (count * SMALLEST_CHANGE_BYTES > reader.remaining) throw new RangeError('too few changes');
  const changes: Change[] = [];
  for (let index = 0; index < count; index++) {
    changes.push({
      startLine: reader.u32(),
      startCharacter: reader.u32(),
      endLine: reader.u32(),
      endCharacter: reader.u32(),
      text: reader.text(),
    });
  }
  return changes;
}

function known<Name>(names: ReadonlyMap<number, Name>, code: number): Name {
  const name = names.get(code);
  if (name === undefined) throw new RangeError(`no meaning has the number ${code}`);
  return name;
}

function byCode<Name extends string>(codes: Readonly<Record<Name, number>>) {
  return new Map(Object.entries(codes).map(([name, code]) => [code as number, name as Name]));
}

const KINDS = byCode(KIND_CODES);
const INTENTS = byCode(INTENT_CODES);
const IDENTITIES_KEPT = 16;
/** About 500 bytes each: as many as `CACHE_BYTES.identities` has room for. */
const WRITERS_KEPT = Math.floor(CACHE_BYTES.identities / 512);
const SMALLEST_CHANGE_BYTES = 20;
