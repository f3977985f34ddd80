import type { OpRecord } from '../../core/op.ts';
import { answersFor, isUnattributed } from '../../core/unattributed.ts';

/** An op as the work of who answers for it: of whose folder it came from, where nobody is named. */
export function answered(op: OpRecord): OpRecord {
  if (!isUnattributed(op)) return op;
  // Many files that a tool made at once are no import.
  return { ...op, author: answersFor(op), batchId: op.opId };
}
