import type { Row } from './bindings.ts';
import type { Link } from './link.ts';
import { LinkFailure } from './link-failure.ts';
import { readRows } from './read-rows.ts';
import type { Outcome } from './world-rows.ts';

export type AppliedOp = Pick<Row<'file_op'>, 'opId' | 'opSeq' | 'version'>;

export function appliedOutcome({ opId, opSeq, version }: AppliedOp): Outcome {
  return { opId, outcome: 'applied', opSeq, version, ticketId: 0 };
}

/**
 * What the history knows of an op; `ticketOf` tells which ticket an op opened. Undefined where it knows none,
 * or when the connection ends.
 */
export async function readKnownOutcome(
  link: Link,
  opId: string,
  ticketOf: (opId: string) => number | undefined = () => undefined,
): Promise<Outcome | undefined> {
  try {
    const [op] = await readRows(link, {
      table: 'file_op',
      conditions: [`op_id = '${opId}'`],
      isWanted: (row: Row<'file_op'>) => row.opId === opId,
    });
    if (!op) return undefined;
    const applied = appliedOutcome(op);
    if (op.kind !== 'conflict') return applied;
    return { ...applied, outcome: 'ticket', ticketId: ticketOf(opId) ?? op.opSeq };
  } catch (error) {
    if (error instanceof LinkFailure) return undefined;
    throw error;
  }
}
