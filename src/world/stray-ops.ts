import type { LogHead } from '../core/verify-log.ts';
import { tableOf } from './bindings.ts';
import type { CheckedHistory, HistoryFault } from './checked-history.ts';
import type { Link } from './link.ts';
import type { RowDifference } from './row-difference.ts';

/**
 * The first op that stands outside of the history, before its first op or behind its newest one: a file's
 * feed would show what it does. The world may go on meanwhile: the history follows it.
 */
export async function strayOp(
  link: Link,
  history: CheckedHistory,
): Promise<RowDifference | HistoryFault | undefined> {
  const { head, outside } = await readOutside(link, history.head.opSeq);
  const fault = await history.advance(head);
  if (fault) return fault;
  for (const [table, numbers] of outside) {
    const first = numbers.find((opSeq) => opSeq === 0 || opSeq > head.opSeq);
    if (first !== undefined) return { table, key: String(first), column: undefined, what: 'added' };
  }
  return undefined;
}

/** Numbers of rows outside of the history. */
type Outside = ReadonlyMap<'file_op' | 'note', readonly number[]>;

/** The numbers are found by one scan: of what is right there are none, or a few that just came. */
async function readOutside(
  link: Link,
  headSeq: number,
): Promise<{ readonly head: LogHead; readonly outside: Outside }> {
  const ops = 'SELECT * FROM file_op WHERE op_seq';
  const notes = `SELECT * FROM note WHERE note_id > ${headSeq}`;
  const queries = [`${ops} = 0`, `${ops} > ${headSeq}`, notes, 'SELECT * FROM log_head'];
  const isOutside = (opSeq: number): boolean => opSeq === 0 || opSeq > headSeq;
  const sorted = (numbers: number[]): number[] => numbers.filter(isOutside).sort((a, b) => a - b);
  let found: { readonly head: LogHead; readonly outside: Outside } | undefined;
  const subscription = await link.subscribe(queries, () => {
    const outside: Outside = new Map([
      ['file_op', sorted([...tableOf(link.connection, 'file_op').iter()].map((op) => op.opSeq))],
      ['note', sorted([...tableOf(link.connection, 'note').iter()].map((note) => note.noteId))],
    ]);
    for (const { opSeq, chainHash } of tableOf(link.connection, 'log_head').iter()) {
      found = { head: { opSeq, chainHash }, outside };
    }
  });
  subscription.end();
  if (!found) throw new Error('the world has no head');
  return found;
}
