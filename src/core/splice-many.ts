/** A call with far more arguments overflows the stack. */
const MOST_ARGUMENTS = 10_000;

/**
 * Puts `items` in place of `count` others from `start` on, however many they are. Returns the array
 * that has them: the same one, unless they are too many for that.
 */
export function spliceMany<Item>(
  array: Item[],
  start: number,
  count: number,
  items: readonly Item[],
): Item[] {
  if (items.length > MOST_ARGUMENTS) {
    return array.slice(0, start).concat(items, array.slice(start + count));
  }
  array.splice(start, count, ...items);
  return array;
}
