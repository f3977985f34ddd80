/** Owns: which lines of a text come nearest to a quote that is not in it, and how they differ. */

export interface NearestPlace {
  /** From 0. */
  readonly start: number;
  /** Not included. */
  readonly end: number;
  /** Lines of the quote that are not there begin with `-`, those that are there instead with `+`. */
  readonly difference: string;
}

/** Undefined where nothing is alike. */
export function nearestPlace(
  text: readonly string[],
  quote: readonly string[],
): NearestPlace | undefined {
  const start = startByEqualLines(text, quote) ?? startByLikeness(text, quote);
  if (start === undefined) return undefined;
  const first = Math.max(0, start);
  const end = Math.min(text.length, Math.max(first + 1, start + quote.length));
  return { start: first, end, difference: differenceOf(text, quote, start) };
}

/** Where most of the quote's lines stand in a row: a line that is rare in the text counts for more. */
function startByEqualLines(text: readonly string[], quote: readonly string[]): number | undefined {
  const places = new Map<string, number[]>();
  for (const [index, line] of text.entries()) {
    const key = line.trim();
    const known = places.get(key);
    if (known) known.push(index);
    else places.set(key, [index]);
  }
  const votes = new Map<number, number>();
  for (const [index, line] of quote.entries()) {
    const key = line.trim();
    const found = places.get(key) ?? [];
    if (key === '' || found.length > MOST_PLACES) continue;
    for (const at of found) votes.set(at - index, (votes.get(at - index) ?? 0) + 1 / found.length);
  }
  let best: number | undefined;
  for (const [start, count] of votes) {
    if (best === undefined || count > votes.get(best)!) best = start;
  }
  return best;
}

/** Where the line stands that has most pairs of letters in common with the quote's longest one. */
function startByLikeness(text: readonly string[], quote: readonly string[]): number | undefined {
  let longest = 0;
  for (const [index, line] of quote.entries()) {
    if (line.trim().length > quote[longest]!.trim().length) longest = index;
  }
  const wanted = pairsOf(quote[longest]?.trim() ?? '');
  if (wanted.size === 0) return undefined;
  let best: number | undefined;
  let bestLikeness = LEAST_LIKENESS;
  for (const [index, line] of text.slice(0, MOST_LINES).entries()) {
    const pairs = pairsOf(line.trim());
    let common = 0;
    for (const pair of pairs) if (wanted.has(pair)) common++;
    const likeness = (2 * common) / (pairs.size + wanted.size);
    if (likeness > bestLikeness) [best, bestLikeness] = [index, likeness];
  }
  return best === undefined ? undefined : best - longest;
}

function pairsOf(line: string): ReadonlySet<string> {
  const pairs = new Set<string>();
  const end = Math.min(line.length, MOST_IN_LINE) - 1;
  for (let at = 0; at < end; at++) pairs.add(line.slice(at, at + 2));
  return pairs;
}

function differenceOf(text: readonly string[], quote: readonly string[], start: number): string {
  const rows: string[] = [];
  for (const [index, line] of quote.entries()) {
    const there = text[start + index];
    if (there === line) continue;
    rows.push(`-${line.slice(0, MOST_IN_LINE)}`);
    if (there !== undefined) rows.push(`+${there.slice(0, MOST_IN_LINE)}`);
    if (rows.length >= MOST_ROWS) return [...rows, '…'].join('\n');
  }
  return rows.join('\n');
}

/** A line that stands in more places tells none. */
const MOST_PLACES = 50;
const MOST_LINES = 50_000;
const MOST_IN_LINE = 300;
const MOST_ROWS = 20;
const LEAST_LIKENESS = 0.4;
