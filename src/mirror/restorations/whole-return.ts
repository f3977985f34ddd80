/**
 * Owns: telling by the ops alone that a file which is all of an older version again puts others' work away, and
 * nothing else. Does not know: what becomes of it. Of a branch switch most files are such, and to compare texts
 * takes most of the time until somebody is asked.
 */
import { type Change, endOf, isInsertion, startOf } from '../../core/change.ts';
import type { IdentityHex } from '../../core/op.ts';
import type { Text } from '../../core/text.ts';
import type { PastOp } from './file-past.ts';
import { isOthers } from './old-states.ts';
import { substanceOf } from './substance.ts';

/** A file that somebody worked at for longer is compared. */
const MOST_OPS = 8;

/**
 * Whose work goes where a file is `back` again, on which `ops` were made since, in their order. Undefined where
 * only a comparison of the texts can tell: one's own work is among it, or form alone, or what somebody undid.
 */
export function ownersOfReturn(
  back: Text,
  ops: readonly PastOp[],
  own: IdentityHex,
): readonly IdentityHex[] | undefined {
  if (ops.length === 0 || ops.length > MOST_OPS) return undefined;
  if (!ops.every(({ origin }) => isOthers(origin, own))) return undefined;
  const owners = new Set(ops.map(({ origin }) => origin.author));
  let text = back;
  let sign = 0;
  for (const [index, { changes, isWhole }] of ops.entries()) {
    if (isWhole || changes.length === 0) return undefined;
    for (const change of changes) {
      const grown = growthOf(text, change);
      // All of it adds, or all of it takes away: so no part of it leaves as much as it found.
      if (grown === 0 || sign * grown < 0) return undefined;
      sign = Math.sign(grown);
      // Of what one put in and another took out again nothing is left.
      if (owners.size > 1 && !isPlain(change, sign)) return undefined;
    }
    if (index < ops.length - 1) text = text.apply(changes);
  }
  return [...owners];
}

/** By how much of substance a change makes a text longer. */
function growthOf(text: Text, change: Change): number {
  const gone = text.slice(startOf(change), endOf(change));
  return substanceOf(change.text).length - substanceOf(gone).length;
}

/** True for what only puts in, or only takes out. */
function isPlain(change: Change, sign: number): boolean {
  return sign < 0 ? change.text === '' : isInsertion(change);
}
