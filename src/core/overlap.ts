import {
  type Change,
  type Changes,
  endOf,
  isEmptyChange,
  isInsertion,
  sameChange,
  startOf,
} from './change.ts';
import { comparePositions } from './position.ts';
import { firstEndingAt } from './sorted-changes.ts';

/** How two concurrent changes are compared: by the characters they touch, or by whole lines too. */
export type OverlapTest = 'character' | 'line';

/** True when any change of one side overlaps any of the other, both relative to the same text. */
export function changesOverlap(a: Changes, b: Changes, test: OverlapTest): boolean {
  if (!shareLines(a, b)) return false;
  // Both are sorted: what ended above one change meets none of the later ones either.
  let next = firstEndingAt(b, a[0]!.startLine);
  for (let index = firstEndingAt(a, b[0]!.startLine); index < a.length; index++) {
    const change = a[index]!;
    while (next < b.length && b[next]!.endLine < change.startLine) next++;
    if (next === b.length) return false;
    for (let at = next; at < b.length && b[at]!.startLine <= change.endLine; at++) {
      if (overlaps(change, b[at]!, test)) return true;
    }
  }
  return false;
}

/** False when one side ends on a line before the other begins: then nothing can overlap. */
export function shareLines(a: Changes, b: Changes): boolean {
  if (a.length === 0 || b.length === 0) return false;
  return a[0]!.startLine <= b.at(-1)!.endLine && b[0]!.startLine <= a.at(-1)!.endLine;
}

/** The indexes in `changes` of those that overlap something in `others`. */
export function overlappingIndexes(
  changes: Changes,
  others: Changes,
  test: OverlapTest,
): readonly number[] {
  const indexes: number[] = [];
  for (let index = 0; index < changes.length; index++) {
    if (others.some((other) => overlaps(changes[index]!, other, test))) indexes.push(index);
  }
  return indexes;
}

/**
 * By character: the deleted ranges intersect, or one inserts strictly inside what the other
 * deletes. By line: the touched lines meet, or they overlap by character. The same change on both
 * sides is no overlap.
 */
export function overlaps(a: Change, b: Change, test: OverlapTest): boolean {
  if (isEmptyChange(a) || isEmptyChange(b) || sameChange(a, b)) return false;
  if (overlapsByCharacter(a, b)) return true;
  return test === 'line' && linesMeet(a, b);
}

function overlapsByCharacter(a: Change, b: Change): boolean {
  // For ranges that are not empty this is intersection; for an insertion it is "strictly inside".
  return (
    !(isInsertion(a) && isInsertion(b)) &&
    comparePositions(startOf(a), endOf(b)) < 0 &&
    comparePositions(startOf(b), endOf(a)) < 0
  );
}

function linesMeet(a: Change, b: Change): boolean {
  const linesOfA = touchedLines(a);
  const linesOfB = touchedLines(b);
  if (!linesOfA || !linesOfB) return false;
  return linesOfA.firstLine <= linesOfB.lastLine && linesOfB.firstLine <= linesOfA.lastLine;
}

/**
 * The lines that a change touches, both ends included: from its start to its end, an end at column
 * 0 excluding that line. A pure insertion of whole lines at column 0 touches none.
 */
export function touchedLines(
  change: Change,
): { readonly firstLine: number; readonly lastLine: number } | undefined {
  if (isInsertion(change) && change.startCharacter === 0 && change.text.endsWith('\n')) {
    return undefined;
  }
  const excludesLast = change.endCharacter === 0 && change.endLine > change.startLine;
  return {
    firstLine: change.startLine,
    lastLine: excludesLast ? change.endLine - 1 : change.endLine,
  };
}
