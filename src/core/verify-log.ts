import { ByteReader } from './byte-reader.ts';
import { CHAIN_START, ChainHasher } from './chain.ts';
import { ContentHasher } from './content-hash.ts';
import { type FilePlace, placeAfter, placeOf } from './file-place.ts';
import { fromHex, type Hash, sameBytes, toHex } from './hash.ts';
import { LineBuffer } from './line-buffer.ts';
import { OpDecoder, type UnchainedOp } from './op-codec.ts';
import type { OpRecord } from './op.ts';
import {
  type ContentPayload,
  contentOf,
  makesVersion,
  type PolicyPayload,
  readPayload,
} from './op-payload.ts';
import { Text } from './text.ts';

/** A part of content as it is kept beside the log. */
export interface LogPart {
  readonly text?: string | undefined;
  readonly bytes?: Uint8Array | undefined;
}

/** Finds a part by its key, 64 hex digits. */
export type PartSource = (key: string) => LogPart | undefined;

/** What can be wrong with an op. */
export type LogFaultKind =
  /** Its number is not the next one. */
  | 'sequence'
  /** It is not linked to the op before it, or any of its columns was changed. */
  | 'chain'
  /** Its bytes are linked well and are no op. */
  | 'encoding'
  /** Its version is not the one that follows in its file. */
  | 'version'
  /** It was made on another text than the op before it left. */
  | 'before_hash'
  /** The text that it leaves does not have the hash that it claims. */
  | 'content_hash'
  /** Its changes leave the text. */
  | 'changes'
  /** Its payload cannot be read. */
  | 'payload'
  /** A part of its content is not there, or is not what its key says. */
  | 'part'
  /** The log ends before, or elsewhere than, the head that it was compared with. */
  | 'head';

/** The first op that does not fit, and how. */
export interface LogFault {
  readonly opSeq: number;
  readonly kind: LogFaultKind;
}

/** A file at the end of the log: its text, or the keys of its bytes. */
export interface VerifiedFile extends FilePlace {
  readonly fileId: number;
  readonly version: number;
  readonly contentHash: Uint8Array;
  readonly content: LineBuffer | readonly string[];
}

export interface LogHead {
  readonly opSeq: number;
  readonly chainHash: Uint8Array;
}

/** An op as `OpEncoder` writes it, with its place in the chain. */
export interface EncodedOp {
  readonly chainHash: Uint8Array;
  readonly bytes: Uint8Array;
}

interface FoldedFile {
  version: number;
  hash: Uint8Array;
  content: LineBuffer | readonly string[];
  place: FilePlace;
  lastSeq: number;
}

interface TextPart {
  readonly text: string;
  /** A following part is a group of its own, as the cuts of a text want it. */
  readonly endsGroup: boolean;
}

/**
 * Replays a world from its first op and checks it on the way, op by op in order: numbers, chain,
 * versions and hashes at every op, the content itself at snapshots and at the end.
 */
export class LogVerifier {
  readonly #chain: ChainHasher;
  readonly #decoder = new OpDecoder();
  readonly #contents: ContentHasher;
  readonly #parts: PartSource;
  readonly #files = new Map<number, FoldedFile>();
  /** What was found out about parts by their keys: snapshots have most of theirs in common. */
  readonly #textParts = new Map<string, TextPart | undefined>();
  #settings: PolicyPayload | undefined;
  #headSeq = 0;
  #headHash: Uint8Array = CHAIN_START;

  constructor(hash: Hash, parts: PartSource) {
    this.#chain = new ChainHasher(hash);
    this.#contents = new ContentHasher(hash);
    this.#parts = parts;
  }

  /** Where the log has come to. */
  get head(): LogHead {
    return { opSeq: this.#headSeq, chainHash: this.#headHash };
  }

  /** The world's name and rules at that point; undefined before it had any. */
  get settings(): PolicyPayload | undefined {
    return this.#settings;
  }

  /**
   * Takes the next op, with its encoding if that is at hand; its fault if it does not fit, after which no
   * other may be taken.
   */
  add(op: OpRecord, encoded?: Uint8Array): LogFault | undefined {
    const kind = this.#check(op, encoded);
    return kind && { opSeq: op.opSeq, kind };
  }

  /** Like `add`, for an op in its encoding: what is hashed need not be encoded again. */
  addEncoded(op: EncodedOp): LogFault | undefined {
    const opSeq = this.#headSeq + 1;
    const kind = this.#checkEncoded(op);
    return kind && { opSeq, kind };
  }

  /** Checks the content of every file, and the head if one was kept elsewhere. */
  finish(expected?: LogHead): LogFault | undefined {
    for (const file of this.#files.values()) {
      if (!this.#holds(file)) return { opSeq: file.lastSeq, kind: 'content_hash' };
    }
    if (!expected) return undefined;
    const isHead =
      expected.opSeq === this.#headSeq && sameBytes(expected.chainHash, this.#headHash);
    return isHead ? undefined : { opSeq: this.#headSeq, kind: 'head' };
  }

  /** The files as folded so far, deleted ones included. */
  *files(): Generator<VerifiedFile> {
    for (const fileId of this.#files.keys()) yield this.file(fileId)!;
  }

  /** One of them as folded so far. Its text goes on changing with the ops that are added. */
  file(fileId: number): VerifiedFile | undefined {
    const file = this.#files.get(fileId);
    if (!file) return undefined;
    const { version, hash, content, place } = file;
    return { fileId, version, contentHash: hash, content, ...place };
  }

  /** The first of these keys whose part is not there, or is not what its key says. */
  firstWrongPart(keys: readonly string[]): string | undefined {
    return keys.find((key) => !this.#isPart(key));
  }

  #check(op: OpRecord, encoded: Uint8Array | undefined): LogFaultKind | undefined {
    if (op.opSeq !== this.#headSeq + 1) return 'sequence';
    const linked = encoded
      ? this.#chain.linkEncoded(this.#headHash, encoded)
      : this.#chain.link(this.#headHash, op);
    if (!sameBytes(linked, op.chainHash)) return 'chain';
    return this.#take(op);
  }

  #checkEncoded({ chainHash, bytes }: EncodedOp): LogFaultKind | undefined {
    if (!sameBytes(this.#chain.linkEncoded(this.#headHash, bytes), chainHash)) return 'chain';
    const op = this.#decoded(bytes);
    if (!op) return 'encoding';
    return op.opSeq === this.#headSeq + 1 ? this.#take({ ...op, chainHash }) : 'sequence';
  }

  #decoded(bytes: Uint8Array): UnchainedOp | undefined {
    const reader = new ByteReader(bytes);
    try {
      const op = this.#decoder.read(reader);
      return reader.remaining === 0 ? op : undefined;
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }

  #take(op: OpRecord): LogFaultKind | undefined {
    this.#headSeq = op.opSeq;
    this.#headHash = op.chainHash;
    // Most ops by far are plain edits; the rest may have a payload that damage made unreadable.
    return op.kind === 'edit' && op.payload === '' ? this.#fold(op) : this.#checkPayload(op);
  }

  #checkPayload(op: OpRecord): LogFaultKind | undefined {
    try {
      if (op.kind === 'policy') this.#settings = readPayload('policy', op.payload);
      return op.fileId === 0 ? undefined : this.#fold(op);
    } catch (error) {
      if (error instanceof SyntaxError || error instanceof TypeError) return 'payload';
      throw error;
    }
  }

  #fold(op: OpRecord): LogFaultKind | undefined {
    const file = this.#files.get(op.fileId);
    if (!file) return op.kind === 'create' ? this.#create(op) : this.#withoutFile(op);
    if (!sameBytes(op.beforeHash, file.hash)) return 'before_hash';
    if (op.version !== file.version + (makesVersion(op) ? 1 : 0)) return 'version';
    const content = contentOf(op);
    if (op.kind === 'create') return 'version';
    const ends = file.content instanceof LineBuffer ? file.content.lineCount - 1 : 0;
    if (content) {
      const opened = this.#open(content);
      if (!opened) return 'part';
      file.content = opened;
    } else if (op.changes.length > 0 && !applied(file.content, op)) {
      return 'changes';
    }
    file.version = op.version;
    file.hash = op.afterHash;
    file.lastSeq = op.opSeq;
    const isPlaced = op.payload !== '' || file.place.otherEnds !== '';
    if (isPlaced) file.place = placeAfter(file.place, op, ends);
    if (op.kind === 'checkpoint') return this.#checkpoint(op, file);
    return content && !this.#holds(file) ? 'content_hash' : undefined;
  }

  #create(op: OpRecord): LogFaultKind | undefined {
    if (op.version !== 1 || op.fileId !== op.opSeq) return 'version';
    const created = readPayload('create', op.payload);
    const content = this.#open(created.content);
    if (!content) return 'part';
    const place = placeOf(created);
    const file = { version: 1, hash: op.afterHash, content, place, lastSeq: op.opSeq };
    this.#files.set(op.fileId, file);
    return this.#holds(file) ? undefined : 'content_hash';
  }

  /** A conflict may name a file that was never made; nothing else may. */
  #withoutFile(op: OpRecord): LogFaultKind | undefined {
    return op.kind === 'conflict' || op.kind === 'resolve' ? undefined : 'version';
  }

  #checkpoint(op: OpRecord, file: FoldedFile): LogFaultKind | undefined {
    const { parts } = readPayload('checkpoint', op.payload);
    if (file.content instanceof LineBuffer && this.#isMadeOf(file.content, parts, file.hash)) {
      return undefined;
    }
    if (!this.#holds(file)) return 'content_hash';
    if (!(file.content instanceof LineBuffer)) return undefined;
    const keys = file.content.toText().groups.map((group) => toHex(this.#contents.group(group)));
    const isSame = keys.length === parts.length && keys.every((key, index) => key === parts[index]);
    return isSame && parts.every((key) => this.#isPart(key)) ? undefined : 'part';
  }

  /** True when the text is that of right parts, and hashes to what they make: no need to hash it all. */
  #isMadeOf(content: LineBuffer, keys: readonly string[], hash: Uint8Array): boolean {
    const texts: string[] = [];
    for (const [index, key] of keys.entries()) {
      const part = this.#textPart(key);
      if (!part || !(part.endsGroup || index === keys.length - 1)) return false;
      texts.push(part.text);
    }
    const root = this.#contents.ofGroups(keys.map(fromHex));
    return sameBytes(root, hash) && texts.join('\n') === content.toString();
  }

  /** A part of text that is what its key says; undefined for any other. */
  #textPart(key: string): TextPart | undefined {
    if (this.#textParts.has(key)) return this.#textParts.get(key);
    const text = this.#parts(key)?.text;
    const part = text === undefined ? undefined : this.#checkedText(key, text);
    this.#textParts.set(key, part);
    return part;
  }

  #checkedText(key: string, text: string): TextPart | undefined {
    const [group, ...more] = Text.of(text).groups;
    if (!group || more.length > 0 || toHex(this.#contents.group(group)) !== key) return undefined;
    // One line more makes a group of its own exactly if this one ends by itself.
    return { text, endsGroup: Text.of(`${text}\n`).groups.length > 1 };
  }

  #holds(file: FoldedFile): boolean {
    if (file.content instanceof LineBuffer) {
      return sameBytes(this.#contents.text(file.content.toText()), file.hash);
    }
    return sameBytes(this.#contents.binary(this.#joined(file.content)), file.hash);
  }

  /** The content that parts make; undefined when one is missing or is not what its key says. */
  #open(content: ContentPayload): FoldedFile['content'] | undefined {
    if (!content.parts.every((key) => this.#isPart(key))) return undefined;
    if (content.kind === 'binary') return content.parts;
    const lines = content.parts.flatMap((key) => this.#parts(key)?.text?.split('\n') ?? []);
    return new LineBuffer(lines);
  }

  #isPart(key: string): boolean {
    const part = this.#parts(key);
    if (part?.text !== undefined) return this.#textPart(key) !== undefined;
    return part?.bytes !== undefined && toHex(this.#contents.binary(part.bytes)) === key;
  }

  #joined(keys: readonly string[]): Uint8Array {
    const pieces = keys.map((key) => this.#parts(key)?.bytes ?? new Uint8Array());
    const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      joined.set(piece, at);
      at += piece.length;
    }
    return joined;
  }
}

/** Replays a whole log; the first op that does not fit, or undefined when all do. */
export function verifyLog(
  ops: Iterable<OpRecord>,
  parts: PartSource,
  hash: Hash,
  expected?: LogHead,
): LogFault | undefined {
  const verifier = new LogVerifier(hash, parts);
  for (const op of ops) {
    const fault = verifier.add(op);
    if (fault) return fault;
  }
  return verifier.finish(expected);
}

function applied(content: FoldedFile['content'], op: OpRecord): boolean {
  if (!(content instanceof LineBuffer)) return false;
  try {
    content.apply(op.changes);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
