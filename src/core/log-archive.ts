import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { CHAIN_FORMAT, CHAIN_START } from './chain.ts';
import { fromHex, type Hash, HASH_BYTES, toHex } from './hash.ts';
import { OpEncoder } from './op-codec.ts';
import type { OpRecord } from './op.ts';
import {
  type EncodedOp,
  type LogFault,
  type LogHead,
  type LogPart,
  LogVerifier,
} from './verify-log.ts';
import { SIZES } from './sizes.ts';
import { decodeUtf8 } from './utf8.ts';

/** Number of the form below; a reader knows all that ever were. */
export const ARCHIVE_FORMAT = 1;

/** What an archive consists of: every part comes before the ops that need it, the head at the end. */
export type ArchiveEntry =
  | { readonly tag: 'part'; readonly key: string; readonly part: LogPart }
  | { readonly tag: 'op'; readonly op: EncodedOp }
  | { readonly tag: 'end'; readonly head: LogHead };

/** The bytes are no archive, not a whole one, or one of a later form. */
export class ArchiveError extends Error {
  readonly code = 'bad_archive';

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ArchiveError';
  }
}

/**
 * Writes a world's history as one stream of bytes: a magic number and the numbers of the forms,
 * then frames of a length, a tag and a body. Nothing else of a world needs to be kept.
 */
export class ArchiveWriter {
  readonly #writer = new ByteWriter();
  readonly #encoder = new OpEncoder();
  #head: LogHead = { opSeq: 0, chainHash: CHAIN_START };

  start(): Uint8Array {
    return this.#writer.reset().raw(MAGIC).u8(ARCHIVE_FORMAT).u8(CHAIN_FORMAT).written.slice();
  }

  /** `key` is 64 hexadecimal digits, the part's content hash. */
  part(key: string, { text, bytes }: LogPart): Uint8Array {
    return this.#frame(text === undefined ? TAG.bytes : TAG.text, (writer) => {
      writer.raw(fromHex(key));
      if (text === undefined) writer.raw(bytes ?? new Uint8Array());
      else writer.rawText(text);
    });
  }

  /** Ops come in order. */
  op(op: OpRecord): Uint8Array {
    this.#head = op;
    return this.#frame(TAG.op, (writer) => {
      writer.raw(op.chainHash);
      this.#encoder.write(writer, op);
    });
  }

  /** Without it an archive is not whole. */
  end(): Uint8Array {
    const { opSeq, chainHash } = this.#head;
    return this.#frame(TAG.end, (writer) => writer.u32(opSeq).raw(chainHash));
  }

  #frame(tag: number, write: (writer: ByteWriter) => void): Uint8Array {
    const writer = this.#writer.reset().u32(0).u8(tag);
    write(writer);
    const frame = writer.written.slice();
    new DataView(frame.buffer).setUint32(0, frame.length - FRAME_HEADER_BYTES, true);
    return frame;
  }
}

/** Takes an archive apart, piece by piece as it comes from a file. Throws `ArchiveError`. */
export class ArchiveReader {
  #rest: Uint8Array = new Uint8Array();
  #isStarted = false;
  #isEnded = false;

  /** The entries that are complete with these bytes. They are views of what was pushed. */
  *push(bytes: Uint8Array): Generator<ArchiveEntry> {
    const all = joined(this.#rest, bytes);
    const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
    let at = 0;
    if (!this.#isStarted && all.length >= START_BYTES) {
      checkStart(all);
      this.#isStarted = true;
      at = START_BYTES;
    }
    while (this.#isStarted && all.length - at >= FRAME_HEADER_BYTES) {
      const bodyBytes = view.getUint32(at, true);
      if (bodyBytes > SIZES.archiveEntry) throw new ArchiveError('an entry is too long to be one');
      const start = at + FRAME_HEADER_BYTES;
      if (all.length < start + bodyBytes) break;
      if (this.#isEnded) throw new ArchiveError('something follows after the end');
      at = start + bodyBytes;
      yield this.#entry(view.getUint8(start - 1), all.subarray(start, at));
    }
    this.#rest = all.subarray(at);
  }

  /** Throws when the archive is not whole. */
  finish(): void {
    if (!this.#isEnded || this.#rest.length > 0) throw new ArchiveError('the archive is cut off');
  }

  #entry(tag: number, body: Uint8Array): ArchiveEntry {
    const reader = new ByteReader(body);
    try {
      const hash = tag === TAG.end ? undefined : reader.raw(HASH_BYTES);
      if (hash) return entryOf(tag, hash, reader.raw(reader.remaining));
      const head = { opSeq: reader.u32(), chainHash: reader.raw(HASH_BYTES) };
      if (reader.remaining > 0) throw new RangeError('the end is too long');
      this.#isEnded = true;
      return { tag: 'end', head };
    } catch (error) {
      if (error instanceof ArchiveError) throw error;
      throw new ArchiveError('an entry cannot be read', error);
    }
  }
}

/** Replays an archive as it comes, and checks everything that `LogVerifier` checks. */
export class ArchiveVerifier {
  readonly log: LogVerifier;
  readonly #reader = new ArchiveReader();
  readonly #parts = new Map<string, LogPart>();
  #end: LogHead | undefined;

  constructor(hash: Hash) {
    this.log = new LogVerifier(hash, (key) => this.#parts.get(key));
  }

  /** A part that came by its key. */
  partOf(key: string): LogPart | undefined {
    return this.#parts.get(key);
  }

  /** The first fault, after which nothing more may be pushed. Throws `ArchiveError`. */
  push(bytes: Uint8Array): LogFault | undefined {
    for (const entry of this.#reader.push(bytes)) {
      if (entry.tag === 'part') this.#parts.set(entry.key, entry.part);
      if (entry.tag === 'end') this.#end = entry.head;
      const fault = entry.tag === 'op' ? this.log.addEncoded(entry.op) : undefined;
      if (fault) return fault;
    }
    return undefined;
  }

  /** Checks what only the whole shows. Throws `ArchiveError` when it is not whole. */
  finish(): LogFault | undefined {
    this.#reader.finish();
    return this.log.finish(this.#end);
  }
}

function checkStart(bytes: Uint8Array): void {
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) {
    throw new ArchiveError('this is not an archive of a world');
  }
  const [format, chainFormat] = bytes.subarray(MAGIC.length, START_BYTES);
  if (format !== ARCHIVE_FORMAT || chainFormat !== CHAIN_FORMAT) {
    throw new ArchiveError(`an archive of form ${format}.${chainFormat}, which is not known here`);
  }
}

function entryOf(tag: number, hash: Uint8Array, body: Uint8Array): ArchiveEntry {
  switch (tag) {
    case TAG.op:
      return { tag: 'op', op: { chainHash: hash, bytes: body } };
    case TAG.bytes:
      return { tag: 'part', key: toHex(hash), part: { bytes: body } };
    case TAG.text:
      return { tag: 'part', key: toHex(hash), part: { text: decodeUtf8(body) } };
    default:
      throw new RangeError(`no entry has the tag ${tag}`);
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** "AWLOG" and a byte that no text has. */
const MAGIC = Uint8Array.of(0x41, 0x57, 0x4c, 0x4f, 0x47, 0xff);
const START_BYTES = MAGIC.length + 2;
const TAG = { op: 1, text: 2, bytes: 3, end: 4 } as const;
const FRAME_HEADER_BYTES = 5;
