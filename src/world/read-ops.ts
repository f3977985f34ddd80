import type { OpRecord } from '../core/op.ts';
import { tableOf } from './bindings.ts';
import type { Link } from './link.ts';
import { opRecordOf } from './world-rows.ts';

/** Reads some ops by their numbers, in order. Rejects with `LinkFailure` when the connection ends. */
export async function readOps(link: Link, opSeqs: readonly number[]): Promise<readonly OpRecord[]> {
  const wanted = new Set(opSeqs);
  if (wanted.size === 0) return [];
  const found = new Map<number, OpRecord>();
  // One query for each: an index finds a number, but nothing finds a long disjunction.
  const queries = [...wanted].map((opSeq) => `SELECT * FROM file_op WHERE op_seq = ${opSeq}`);
  const subscription = await link.subscribe(queries, () => {
    for (const row of tableOf(link.connection, 'file_op').iter()) {
      if (wanted.has(row.opSeq)) found.set(row.opSeq, opRecordOf(row));
    }
  });
  subscription.end();
  return [...found.values()].sort((a, b) => a.opSeq - b.opSeq);
}
