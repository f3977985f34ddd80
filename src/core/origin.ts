import { type OpRecord, type IdentityHex } from './op.ts';
import { readPayload } from './op-payload.ts';
import { isUnattributed } from './unattributed.ts';

/** Whose work some text is, and which op brought it. One object for all text of an op. */
export interface Origin {
  readonly opSeq: number;
  readonly author: IdentityHex;
  /** The server's time in microseconds since 1970. */
  readonly madeAtMicros: bigint;
  /** The text came with a folder: whoever imported it need not have written it. */
  readonly isImported: boolean;
}

/** What is needed of an op to say whose work it is. */
export type OriginatingOp = Pick<
  OpRecord,
  'opSeq' | 'opId' | 'batchId' | 'kind' | 'author' | 'madeAtMicros' | 'payload'
>;

/**
 * Says whose work ops are, given a file's ops in order: where a ticket's proposal was applied as it
 * was, its text is that of who proposed it, not of who decided.
 */
export class Originator {
  readonly #proposers = new Map<number, IdentityHex>();

  originOf(op: OriginatingOp): Origin {
    const { opSeq, madeAtMicros, kind, opId, batchId } = op;
    // A folder's files come many in a batch; a file that a member makes is a batch of its own.
    // Many that a tool made at once came from nowhere else.
    const isImported = kind === 'create' && batchId !== opId && !isUnattributed(op);
    return { opSeq, author: this.#authorOf(op), madeAtMicros, isImported };
  }

  #authorOf({ kind, author, payload }: OriginatingOp): IdentityHex {
    if (kind === 'conflict') {
      this.#proposers.set(readPayload('conflict', payload).ticket, author);
    }
    if (kind !== 'resolve') return author;
    const { ticket, resolution } = readPayload('resolve', payload);
    return resolution === 'patch' ? author : (this.#proposers.get(ticket) ?? author);
  }
}
