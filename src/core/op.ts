import type { Changes } from './change.ts';
import type { ReturnedText } from './returned-text.ts';

/** What an op did. Only those of `TEXT_KINDS` make a new version of their file. */
export type OpKind =
  | 'create'
  | 'edit'
  | 'rename'
  | 'delete'
  | 'restore'
  | 'mode'
  | 'conflict'
  | 'resolve'
  | 'member'
  | 'policy'
  | 'checkpoint'
  | 'note';

/** How text came about: key by key by a person, or as a whole by a tool or an agent. */
export type Intent = 'typing' | 'patch';

/** An identity as 64 lower-case hexadecimal digits. */
export type IdentityHex = string;

/**
 * One accepted entry in a world's history, every column that carries meaning included. Numbers are
 * whole and below 2^32; zero stands for "none" in `fileId`, `version`, `expectedBaseVersion` and
 * `carriedFrom`, since all of those count from one.
 */
export interface OpRecord {
  /** Dense number in the world: 1, 2, 3, … */
  readonly opSeq: number;
  /** UUID in lower case, from the author's side. */
  readonly opId: string;
  readonly batchId: string;
  readonly fileId: number;
  /** The file's version after the op; unchanged by ops that change no text. */
  readonly version: number;
  readonly kind: OpKind;
  readonly actor: IdentityHex;
  readonly author: IdentityHex;
  /** The server's time in microseconds since 1970. */
  readonly madeAtMicros: bigint;
  readonly expectedBaseVersion: number;
  /** The version the author was looking at, where their side moved the op before it was sent. */
  readonly carriedFrom: number;
  readonly intent: Intent;
  /** As committed: relative to version `version - 1` of the file. */
  readonly changes: Changes;
  /** JSON as `op-payload.ts` writes it; empty for plain edits. */
  readonly payload: string;
  /** Sequence numbers of ops this one overlaps, as its author's side declared. */
  readonly overlaps: readonly number[];
  /** Sequence numbers of ops whose text this one overwrote under `last_write_wins`. */
  readonly overwrote: readonly number[];
  /** Lines of the result that the op touched, both included, and by how many lines it grew. */
  readonly firstLine: number;
  readonly lastLine: number;
  readonly lineDelta: number;
  /** SHA-256 over the op as it was first sent; see `payload-hash.ts`. */
  readonly payloadHash: Uint8Array;
  /** Content hashes of the file before and after; empty where an op has no file. */
  readonly beforeHash: Uint8Array;
  readonly afterHash: Uint8Array;
  /** Links the op to all before it; see `chain.ts`. */
  readonly chainHash: Uint8Array;
}

/** Text that must still read the same after a rebase; the range is in base coordinates. */
export interface RangeHash {
  readonly startLine: number;
  readonly startCharacter: number;
  readonly endLine: number;
  readonly endCharacter: number;
  /** SHA-256 of the range's text in UTF-8. */
  readonly hash: Uint8Array;
}

/** One edit as its author's side sends it. */
export interface SubmittedOp {
  readonly opId: string;
  readonly fileId: number;
  /** For the first op of a file in a batch; later ones build on the op before and say 0. */
  readonly expectedBaseVersion: number;
  readonly intent: Intent;
  /** Whose work it is; empty for the sender's own. */
  readonly author: IdentityHex;
  readonly carriedFrom: number;
  readonly overlaps: readonly number[];
  readonly rangeHashes: readonly RangeHash[];
  readonly changes: Changes;
  /** Those pieces of its text that stood in the file before; a world of before level 3 is not told. */
  readonly returned?: readonly ReturnedText[];
}

/** Edits that are applied together or not at all. */
export interface Batch {
  readonly batchId: string;
  /**
   * The ticket whose text these edits touch; 0 for none. Such a batch has one op per file of the
   * ticket: the whole of what the ticket proposes from now on, earlier text included, relative to
   * the named base. It is never applied: it takes the place of an open ticket's proposal, and opens
   * a ticket of its own when that one is closed.
   */
  readonly extends: number;
  readonly ops: readonly SubmittedOp[];
}
