import { type Change, type Changes, normalizeChanges, replace, startOf } from '../core/change.ts';
import { comparePositions } from '../core/position.ts';
import { splitsPair, type Text } from '../core/text.ts';

/**
 * The changes by whole lines that turn `before` into `after`, narrowed to characters where a line
 * was only altered. Lines that both have in common, by a shortest edit script, are not touched.
 */
export function lineChanges(before: Text, after: Text): Changes {
  const old = [...before.lines()];
  const wanted = [...after.lines()];
  const pairs = commonLines(old, wanted);
  return normalizeChanges(
    hunksBetween(pairs, old.length, wanted.length).flatMap((hunk) =>
      changesOfHunk(old, wanted, hunk),
    ),
  );
}

type Pair = readonly [oldLine: number, wantedLine: number];

/** Lines `from`–`toExclusive` of the old text become `wantedFrom`–`wantedToExclusive` of the new. */
interface Hunk {
  readonly from: number;
  readonly toExclusive: number;
  readonly wantedFrom: number;
  readonly wantedToExclusive: number;
}

/** What lies between paired lines, up to so many lines of both sides. */
function hunksBetween(pairs: readonly Pair[], oldCount: number, wantedCount: number): Hunk[] {
  const hunks: Hunk[] = [];
  let from = 0;
  let wantedFrom = 0;
  for (const [toExclusive, wantedToExclusive] of [...pairs, [oldCount, wantedCount] as const]) {
    if (toExclusive > from || wantedToExclusive > wantedFrom) {
      hunks.push({ from, toExclusive, wantedFrom, wantedToExclusive });
    }
    from = toExclusive + 1;
    wantedFrom = wantedToExclusive + 1;
  }
  return hunks;
}

/**
 * Pairs of equal lines, in order, by Myers' greedy algorithm (An O(ND) Difference Algorithm, 1986).
 * Texts too far apart for it keep what they have in common at both ends only.
 */
function commonLines(a: readonly string[], b: readonly string[]): Pair[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  const shorter = Math.min(a.length, b.length) - head;
  while (tail < shorter && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const middle = myers(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  const pairs: Pair[] = [];
  for (let index = 0; index < head; index++) pairs.push([index, index]);
  for (const [x, y] of middle) pairs.push([x + head, y + head]);
  for (let left = tail; left > 0; left--) pairs.push([a.length - left, b.length - left]);
  return pairs;
}

const MAX_DIFFERENCES = 600;

function myers(a: readonly string[], b: readonly string[]): Pair[] {
  const most = Math.min(a.length + b.length, MAX_DIFFERENCES);
  let furthest = new Map<number, number>([[1, 0]]);
  const trail: Map<number, number>[] = [];
  for (let d = 0; d <= most; d++) {
    trail.push(furthest);
    const next = new Map(furthest);
    for (let k = -d; k <= d; k += 2) {
      let x = goesDown(furthest, k, d) ? furthest.get(k + 1)! : furthest.get(k - 1)! + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      next.set(k, x);
      if (x >= a.length && x - k >= b.length) return backtrack(trail, a.length, b.length);
    }
    furthest = next;
  }
  return [];
}

function goesDown(furthest: ReadonlyMap<number, number>, k: number, d: number): boolean {
  return k === -d || (k !== d && furthest.get(k - 1)! < furthest.get(k + 1)!);
}

function backtrack(
  trail: readonly ReadonlyMap<number, number>[],
  endX: number,
  endY: number,
): Pair[] {
  const pairs: Pair[] = [];
  let x = endX;
  let y = endY;
  for (let d = trail.length - 1; d >= 0; d--) {
    const furthest = trail[d]!;
    const k = x - y;
    const fromK = goesDown(furthest, k, d) ? k + 1 : k - 1;
    const fromX = furthest.get(fromK)!;
    const fromY = fromX - fromK;
    while (x > fromX && y > fromY && x > 0 && y > 0) pairs.push([--x, --y]);
    x = fromX;
    y = fromY;
  }
  return pairs.reverse();
}

/** Lines of a hunk that differ only in spaces and punctuation are the same line, altered. */
function changesOfHunk(old: readonly string[], wanted: readonly string[], hunk: Hunk): Change[] {
  const { from, toExclusive, wantedFrom, wantedToExclusive } = hunk;
  const count = toExclusive - from;
  const sameCount = count === wantedToExclusive - wantedFrom;
  const altered = sameCount
    ? Array.from({ length: count }, (_, index): Pair => [index, index])
    : myers(
        old.slice(from, toExclusive).map(gistOf),
        wanted.slice(wantedFrom, wantedToExclusive).map(gistOf),
      ).filter(([line]) => gistOf(old[from + line]!) !== '');
  const before: Change[] = [];
  const atEnd: Change[] = [];
  for (const rest of hunksBetween(altered, count, wantedToExclusive - wantedFrom)) {
    const lines = wanted.slice(wantedFrom + rest.wantedFrom, wantedFrom + rest.wantedToExclusive);
    const end = from + rest.toExclusive;
    (end < old.length ? before : atEnd).push(changeOfLines(old, lines, from + rest.from, end));
  }
  const within = altered.map(([line, wantedLine]) =>
    changeInLine(from + line, old[from + line]!, wanted[wantedFrom + wantedLine]!),
  );
  // At one place, whole lines come before the line that starts there, or after the one that ends.
  return [...before, ...within, ...atEnd].sort((a, b) => comparePositions(startOf(a), startOf(b)));
}

function gistOf(line: string): string {
  return line.replaceAll(/[\s;,"'`()]/g, '');
}

/** What differs within one line, without cutting a surrogate pair. */
function changeInLine(line: number, old: string, wanted: string): Change {
  const shorter = Math.min(old.length, wanted.length);
  let head = 0;
  while (head < shorter && old[head] === wanted[head]) head++;
  if (splitsPair(old, head) || splitsPair(wanted, head)) head--;
  let tail = 0;
  while (tail < shorter - head && old.at(-1 - tail) === wanted.at(-1 - tail)) tail++;
  if (splitsPair(old, old.length - tail) || splitsPair(wanted, wanted.length - tail)) tail--;
  return replace(
    { line, character: head },
    { line, character: old.length - tail },
    wanted.slice(head, wanted.length - tail),
  );
}

/** Old lines `from`–`toExclusive` become `lines`. */
function changeOfLines(
  old: readonly string[],
  lines: readonly string[],
  from: number,
  toExclusive: number,
): Change {
  if (toExclusive < old.length) {
    const text = lines.map((line) => `${line}\n`).join('');
    return replace({ line: from, character: 0 }, { line: toExclusive, character: 0 }, text);
  }
  // The last line has no line end of its own: it shares the one before it.
  const end = { line: old.length - 1, character: old.at(-1)!.length };
  if (from === 0) return replace({ line: 0, character: 0 }, end, lines.join('\n'));
  const start = { line: from - 1, character: old[from - 1]!.length };
  return replace(start, end, lines.map((line) => `\n${line}`).join(''));
}
