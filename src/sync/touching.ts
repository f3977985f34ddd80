/**
 * Owns: telling which part of a change belongs to refused text because it touches it. Does not know:
 * tickets, drafts, documents.
 */
import {
  type Change,
  type Changes,
  endOf,
  normalizeChanges,
  replace,
  startOf,
} from '../core/change.ts';
import { comparePositions, type Position } from '../core/position.ts';
import { rebase } from '../core/rebase.ts';

export interface Separated {
  /** What was typed into the ranges or at their borders, and deleted inside them. */
  readonly touching: Changes;
  /** Everything else, relative to the result of `touching`. */
  readonly rest: Changes;
}

/** Cuts changes in two by the ranges that `withdrawal`, made on the same text, replaces. */
export function separateTouching(changes: Changes, withdrawal: Changes): Separated {
  const touching: Change[] = [];
  const rest: Change[] = [];
  for (const change of changes) separate(change, withdrawal, touching, rest);
  return {
    touching: normalizeChanges(touching),
    rest: rebase(normalizeChanges(rest), normalizeChanges(touching), 'after'),
  };
}

function separate(change: Change, withdrawal: Changes, touching: Change[], rest: Change[]): void {
  const met = withdrawal.filter((range) => meet(change, range));
  if (met.length === 0) {
    rest.push(change);
    return;
  }
  let from = startOf(change);
  const end = endOf(change);
  met.forEach((range, index) => {
    const start = latest(from, startOf(range));
    const stop = earliest(end, endOf(range));
    if (comparePositions(from, start) < 0) rest.push(replace(from, start, ''));
    touching.push(replace(start, stop, index === 0 ? change.text : ''));
    from = stop;
  });
  if (comparePositions(from, end) < 0) rest.push(replace(from, end, ''));
}

/** True when two ranges have at least a border in common. */
function meet(a: Change, b: Change): boolean {
  return comparePositions(startOf(a), endOf(b)) <= 0 && comparePositions(startOf(b), endOf(a)) <= 0;
}

function earliest(a: Position, b: Position): Position {
  return comparePositions(a, b) <= 0 ? a : b;
}

function latest(a: Position, b: Position): Position {
  return comparePositions(a, b) >= 0 ? a : b;
}
