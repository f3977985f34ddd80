import { type Changes, endOf, replace, ResultCursor, startOf } from './change.ts';
import type { Text } from './text.ts';

/** The changes that take `changes` back: relative to their result, restoring `base`. */
export function invert(changes: Changes, base: Text): Changes {
  const cursor = new ResultCursor();
  return changes.map((change) => {
    const { start, end } = cursor.advance(change);
    return replace(start, end, base.slice(startOf(change), endOf(change)));
  });
}
