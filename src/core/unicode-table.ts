/**
 * What telling paths apart needs to know of one version of Unicode, as short texts. Numbers have base 36.
 * A list is written with spaces between its items and dots between the numbers of one; the first number of
 * an item is the distance from that of the item before, unless said otherwise.
 */
export interface UnicodeTable {
  /** Code points that are not shown: the first of a range, how many. */
  readonly ignorable: string;
  /** Letters that are upper, lower or title case, as `ignorable`. */
  readonly cased: string;
  /** What is passed over when one looks for a letter beside another, as `ignorable`. */
  readonly caseIgnorable: string;
  /** What each becomes; see `MAPPING`. */
  readonly upper: string;
  readonly lower: string;
  /** What is taken apart for good: of what is put together again `composed` says it. */
  readonly decomposed: string;
  /** The first of a pair, the second, and what they become; no distances. */
  readonly composed: string;
  /** Marks: the first of a range, how many, and their place behind a letter, from 1. */
  readonly order: string;
}

export interface Range {
  readonly first: number;
  /** Included. */
  readonly last: number;
}

export type Mapping = ReadonlyMap<number, readonly number[]>;

export function readRanges(list: string): readonly Range[] {
  return items(list).map(([first = 0, count = 0]) => ({ first, last: first + count - 1 }));
}

/**
 * Two lists with a bar between them: the first of a run, how many, in which steps, and how far each of them
 * moves; then single ones with all that each becomes.
 */
export function readMapping(text: string): Mapping {
  const [runs = '', single = ''] = text.split('|');
  const mapping = new Map<number, readonly number[]>();
  for (const [first = 0, count = 0, step = 1, by = 0] of items(runs)) {
    for (let index = 0; index < count; index++) {
      const point = first + index * step;
      mapping.set(point, [point + by]);
    }
  }
  for (const [point = 0, ...becomes] of items(single)) mapping.set(point, becomes);
  return mapping;
}

/** By the first of a pair, then by the second. */
export function readCompositions(text: string): ReadonlyMap<number, ReadonlyMap<number, number>> {
  const found = new Map<number, Map<number, number>>();
  for (const item of text.split(' ')) {
    const [first = 0, second = 0, whole = 0] = numbers(item);
    const bySecond = found.get(first) ?? new Map<number, number>();
    bySecond.set(second, whole);
    found.set(first, bySecond);
  }
  return found;
}

/** The place of each mark. */
export function readOrders(text: string): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const [first = 0, count = 0, place = 0] of items(text)) {
    for (let index = 0; index < count; index++) found.set(first + index, place);
  }
  return found;
}

/** Ranges are in order. */
export function isIn(ranges: readonly Range[], point: number): boolean {
  let [low, high] = [0, ranges.length - 1];
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const { first, last } = ranges[middle]!;
    if (point < first) high = middle - 1;
    else if (point > last) low = middle + 1;
    else return true;
  }
  return false;
}

function items(list: string): readonly (readonly number[])[] {
  if (list === '') return [];
  let before = 0;
  return list.split(' ').map((item) => {
    const [distance = 0, ...more] = numbers(item);
    before += distance;
    return [before, ...more];
  });
}

function numbers(item: string): number[] {
  return item.split('.').map((digits) => Number.parseInt(digits, 36));
}
