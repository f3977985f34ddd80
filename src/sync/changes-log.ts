/**
 * Owns: a row of changes, one on top of the other, that takes a new one at a small cost and is asked
 * for all of them at once but seldom. Does not know: whose changes they are.
 */
import type { Changes } from '../core/change.ts';
import { compose } from '../core/compose.ts';

/**
 * A row of changes, the newest first; undefined is an empty one. Entries that stand for equally many
 * changes are composed, as digits carry: n changes make log2(n) entries, and text that came and went
 * again takes no room.
 */
export interface ChangesLog {
  readonly changes: Changes;
  /** For how many changes this entry stands. */
  readonly count: number;
  readonly below: ChangesLog | undefined;
  /** Of this entry and all below, as `sizeOf` measures. */
  readonly size: number;
}

/** The row with one more on top; relative to the result of those before. */
export function logChanges(log: ChangesLog | undefined, added: Changes): ChangesLog | undefined {
  if (added.length === 0) return log;
  let changes = added;
  let count = 1;
  let below = log;
  while (below?.count === count) {
    changes = compose(below.changes, changes);
    count *= 2;
    below = below.below;
  }
  return { changes, count, below, size: sizeOf(changes) + (below?.size ?? 0) };
}

/** What all of the row does, as one set of changes. */
export function composeLog(log: ChangesLog | undefined): Changes {
  let all: Changes = [];
  for (let entry = log; entry; entry = entry.below) all = compose(entry.changes, all);
  return all;
}

/** About how many bytes changes take in memory. */
export function sizeOf(changes: Changes): number {
  return changes.reduce((sum, { text }) => sum + 2 * text.length + CHANGE_SIZE, LIST_SIZE);
}

const CHANGE_SIZE = 128;
const LIST_SIZE = 64;
