import type { OpRecord } from './op.ts';
import { isOfChangesAlone, readPayload } from './op-payload.ts';

type PlacedOp = Pick<
  OpRecord,
  'batchId' | 'kind' | 'actor' | 'madeAtMicros' | 'fileId' | 'expectedBaseVersion' | 'payload'
>;

/**
 * Tells from a history which ops a world took together, as one batch of edits or one conflict. The id of a
 * batch alone does not tell: it is chosen by its sender, who may give it to other calls as well.
 */
export class BatchEnds {
  #last: PlacedOp | undefined;
  readonly #fileIds = new Set<number>();

  /** True when the op that comes next in the history was not taken together with the one before. */
  beginsWith(op: PlacedOp): boolean {
    const begins = !this.#last || !isTogether(this.#last, op) || this.#namesBaseAgain(op);
    if (begins) this.#fileIds.clear();
    this.#last = op;
    this.#fileIds.add(op.fileId);
    return begins;
  }

  /** In a batch only the first op of a file names the version that it is made on. */
  #namesBaseAgain({ fileId, expectedBaseVersion }: PlacedOp): boolean {
    return expectedBaseVersion > 0 && this.#fileIds.has(fileId);
  }
}

function isTogether(last: PlacedOp, op: PlacedOp): boolean {
  const isOneCall =
    last.batchId === op.batchId &&
    last.kind === op.kind &&
    last.actor === op.actor &&
    last.madeAtMicros === op.madeAtMicros;
  if (!isOneCall) return false;
  if (op.kind === 'edit') return isOfChangesAlone(last) && isOfChangesAlone(op);
  if (op.kind !== 'conflict') return false;
  const [one, other] = [readPayload('conflict', last.payload), readPayload('conflict', op.payload)];
  return one.kind === 'edit' && other.kind === 'edit' && one.ticket === other.ticket;
}
