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
  const [first] = outside.filter((opSeq) => opSeq === 0 || opSeq > head.opSeq);
  if (first === undefined) return undefined;
  return { table: 'file_op', key: String(first), column: undefined, what: 'added' };
}

/** The numbers are found by one scan: of ops that are right there are none, or a few that just came. */
async function readOutside(
  link: Link,
  headSeq: number,
): Promise<{ readonly head: LogHead; readonly outside: readonly number[] }> {
  const ops = 'SELECT * FROM file_op WHERE op_seq';
  const queries = [`${ops} = 0`, `${ops} > ${headSeq}`, 'SELECT * FROM log_head'];
  let found: { readonly head: LogHead; readonly outside: readonly number[] } | undefined;
  const subscription = await link.subscribe(queries, () => {
    const numbers = [...tableOf(link.connection, 'file_op').iter()].map(({ opSeq }) => opSeq);
    const outside = numbers.filter((opSeq) => opSeq === 0 || opSeq > headSeq).sort((a, b) => a - b);
    for (const { opSeq, chainHash } of tableOf(link.connection, 'log_head').iter()) {
      found = { head: { opSeq, chainHash }, outside };
    }
  });
  subscription.end();
  if (!found) throw new Error('the world has no head');
  return found;
}
