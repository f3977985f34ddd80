import type { OpRecord } from '../core/op.ts';
import { tableOf, type Row } from './bindings.ts';
import type { Link } from './link.ts';
import { opRecordOf } from './world-rows.ts';

/** Reads some ops by their numbers, in order. Rejects with `LinkFailure` when the connection ends. */
export async function readOps(link: Link, opSeqs: readonly number[]): Promise<readonly OpRecord[]> {
  const wanted = new Set(opSeqs);
  if (wanted.size === 0) return [];
  // One query for each: an index finds a number, but nothing finds a long disjunction.
  const conditions = [...wanted].map((opSeq) => `op_seq = ${opSeq}`);
  return readOpsWhere(link, conditions, ({ opSeq }) => wanted.has(opSeq));
}

/**
 * Reads the ops that meet any of some conditions in SQL, in order. `isWanted` says the same of a
 * row: the connection's tables hold those of other subscriptions, too.
 */
export async function readOpsWhere(
  link: Link,
  conditions: readonly string[],
  isWanted: (row: Row<'file_op'>) => boolean,
): Promise<OpRecord[]> {
  const found: OpRecord[] = [];
  const queries = conditions.map((condition) => `SELECT * FROM file_op WHERE ${condition}`);
  const subscription = await link.subscribe(queries, () => {
    for (const row of tableOf(link.connection, 'file_op').iter()) {
      if (isWanted(row)) found.push(opRecordOf(row));
    }
  });
  subscription.end();
  return found.sort((a, b) => a.opSeq - b.opSeq);
}

/** Reads a file's ops after one version up to another, those that change no text included, in order. */
export function readFileOps(
  link: Link,
  fileId: number,
  afterVersion: number,
  upToVersion: number,
): Promise<OpRecord[]> {
  const condition = `file_id = ${fileId} AND version > ${afterVersion} AND version <= ${upToVersion}`;
  return readOpsWhere(
    link,
    [condition],
    (row) => row.fileId === fileId && row.version > afterVersion && row.version <= upToVersion,
  );
}
