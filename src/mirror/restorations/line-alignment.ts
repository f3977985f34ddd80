/** Texts that differ in more lines are not compared line by line. */
const MOST_DIFFERENT = 1_000;

/**
 * For each line of `old` the line of `now` that it is, or -1: as many as can be in order. Undefined
 * where too many differ. E. Myers, An O(ND) Difference Algorithm and Its Variations (1986).
 */
export function alignLines(
  old: readonly string[],
  now: readonly string[],
): readonly number[] | undefined {
  let start = 0;
  const shorter = Math.min(old.length, now.length);
  while (start < shorter && old[start] === now[start]) start++;
  let end = 0;
  while (end < shorter - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const [oldEnd, nowEnd] = [old.length - end, now.length - end];
  const aligned = old.map((_, index) => {
    if (index < start) return index;
    return index >= oldEnd ? index - old.length + now.length : -1;
  });
  const numbers = new Map<string, number>();
  const between = {
    old: numbered(old.slice(start, oldEnd), numbers),
    now: numbered(now.slice(start, nowEnd), numbers),
  };
  if (fewestDifferent(between, numbers.size) > MOST_DIFFERENT) return undefined;
  const frontiers = walk(between);
  if (!frontiers) return undefined;
  for (const [from, to] of pairsOf(between, frontiers)) aligned[start + from] = start + to;
  return aligned;
}

interface Numbered {
  readonly old: Int32Array;
  readonly now: Int32Array;
}

/** Equal lines have equal numbers. */
function numbered(lines: readonly string[], numbers: Map<string, number>): Int32Array {
  return Int32Array.from(lines, (line) => {
    const known = numbers.get(line);
    if (known !== undefined) return known;
    numbers.set(line, numbers.size);
    return numbers.size - 1;
  });
}

/** At least so many lines are only in one of the two. */
function fewestDifferent({ old, now }: Numbered, count: number): number {
  const excess = new Int32Array(count);
  for (const number of old) excess[number]! += 1;
  for (const number of now) excess[number]! -= 1;
  return excess.reduce((sum, each) => sum + Math.abs(each), 0);
}

/**
 * How far one gets in `old` on each diagonal with 0, 1, 2, … lines that differ: at index `k + d` for
 * the diagonal `k` (place in `old` less place in `now`) after `d`.
 */
function walk({ old, now }: Numbered): readonly Int32Array[] | undefined {
  const frontiers: Int32Array[] = [];
  const most = Math.min(MOST_DIFFERENT, old.length + now.length);
  for (let d = 0; d <= most; d++) {
    const frontier = new Int32Array(2 * d + 1);
    for (let k = -d; k <= d; k += 2) {
      let from = entry(frontiers.at(-1), d, k);
      while (from < old.length && from - k < now.length && old[from] === now[from - k]) from++;
      frontier[k + d] = from;
      if (from >= old.length && from - k >= now.length) return [...frontiers, frontier];
    }
    frontiers.push(frontier);
  }
  return undefined;
}

/** Where one comes onto a diagonal: by a line that is only in `old`, or one that is only in `now`. */
function entry(last: Int32Array | undefined, d: number, k: number): number {
  if (!last) return 0;
  const above = k < d - 1 ? last[k + d]! : -1;
  const left = k > 1 - d ? last[k + d - 2]! + 1 : -1;
  return Math.max(above, left);
}

/** The lines that are the same, from the last to the first. */
function* pairsOf({ old, now }: Numbered, frontiers: readonly Int32Array[]) {
  let [from, to] = [old.length, now.length];
  for (let d = frontiers.length - 1; d >= 0; d--) {
    const k = from - to;
    const entered = entry(frontiers[d - 1], d, k);
    while (from > entered) yield [--from, --to] as const;
    if (d === 0) return;
    const isNew = k < d - 1 && entered === frontiers[d - 1]![k + d]!;
    if (isNew) to--;
    else from--;
  }
}
