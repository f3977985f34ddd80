import type { Changes } from './change.ts';

/** Index of the first of sorted changes that ends on a line or after it. */
export function firstEndingAt(changes: Changes, line: number): number {
  let [low, high] = [0, changes.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (changes[middle]!.endLine < line) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the first of sorted changes that starts on a later line. */
export function firstStartingAfter(changes: Changes, line: number): number {
  let [low, high] = [0, changes.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (changes[middle]!.startLine <= line) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many changes of both sides lie between lines that the other side has, too. */
export function sharedCount(changes: Changes, others: Changes): number {
  if (changes.length === 0 || others.length === 0) return 0;
  return within(changes, others) + within(others, changes);
}

function within(changes: Changes, others: Changes): number {
  const first = firstEndingAt(changes, others[0]!.startLine);
  return firstStartingAfter(changes, others.at(-1)!.endLine) - first;
}
