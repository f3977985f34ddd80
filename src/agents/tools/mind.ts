/**
 * Owns: the text that an agent has in mind of a file which it edited while others did: with its own edits,
 * and without theirs. Does not know: what it does with it.
 */
import type { Changes } from '../../core/change.ts';
import { changesOverlap } from '../../core/overlap.ts';
import { rebase } from '../../core/rebase.ts';
import type { Text } from '../../core/text.ts';

export interface Mind {
  readonly text: Text;
  /** What others did that is not in it, one op after the other: so it becomes the text that the file had. */
  readonly others: readonly Changes[];
}

export interface Carried {
  /** The changes, on the text that the others lead to. */
  readonly moved: Changes;
  /** The others' changes, on the text that the changes lead to. */
  readonly others: readonly Changes[];
}

/** Moves changes over what others did, and that over the changes. */
export function carry(changes: Changes, others: readonly Changes[]): Carried {
  let moved = changes;
  const after: Changes[] = [];
  for (const other of others) {
    after.push(rebase(other, moved, 'before'));
    moved = rebase(moved, other, 'after');
  }
  return { moved, others: after };
}

/** The same where they touch no line that others touched; undefined where they do. */
export function carryApart(changes: Changes, others: readonly Changes[]): Carried | undefined {
  let moved = changes;
  for (const other of others) {
    if (changesOverlap(moved, other, 'line')) return undefined;
    moved = rebase(moved, other, 'after');
  }
  return carry(changes, others);
}
