/** Owns: as much of an op as a review of its file goes on to need. Does not know: what it is needed for. */
import type { OpRecord } from '../core/op.ts';

export type KeptOp = Pick<
  OpRecord,
  | 'opSeq'
  | 'opId'
  | 'batchId'
  | 'version'
  | 'kind'
  | 'author'
  | 'madeAtMicros'
  | 'changes'
  | 'payload'
>;

/** Keys of payloads that may be long, and of which nothing is read. */
const LONG_KEYS: ReadonlySet<string> = new Set([
  'returned',
  'kept',
  'changes',
  'proposal',
  'overlapping',
  'parts',
]);
/** UTF-16 code units of a payload that is kept as it is. */
const SHORT_PAYLOAD = 256;

export function keptOp(op: OpRecord): KeptOp {
  const { opSeq, opId, version, kind, author, madeAtMicros, changes } = op;
  // Equal texts of an op are two objects as they are read.
  const batchId = op.batchId === opId ? opId : op.batchId;
  const payload = keptPayload(op);
  return { opSeq, opId, batchId, version, kind, author, madeAtMicros, changes, payload };
}

function keptPayload({ payload }: OpRecord): string {
  if (payload.length <= SHORT_PAYLOAD) return payload;
  const short: unknown = JSON.parse(payload, (key, value: unknown) => {
    return LONG_KEYS.has(key) ? undefined : value;
  });
  return JSON.stringify(short);
}
