import type { Origin } from './origin.ts';

/** From a character on until the next run, or to the line's end. */
export interface Run {
  readonly from: number;
  readonly origin: Origin;
}

/**
 * `runs` begins at character 0 and is never empty. Its last run may begin at the line's end, where
 * there is no text: only who knows the line's length can tell. `end` is the origin of the line end.
 */
export interface AuthoredLine {
  readonly runs: readonly Run[];
  readonly end: Origin;
}

export function wholeLine(origin: Origin): AuthoredLine {
  return { runs: [{ from: 0, origin }], end: origin };
}

/** The lines between the first and the last line end of a text: all alike. */
export function wholeLinesOf(text: string, origin: Origin): AuthoredLine[] {
  const line = wholeLine(origin);
  const lines: AuthoredLine[] = [];
  let at = text.indexOf('\n');
  for (at = text.indexOf('\n', at + 1); at >= 0; at = text.indexOf('\n', at + 1)) lines.push(line);
  return lines;
}

export function runsBefore(runs: readonly Run[], character: number): readonly Run[] {
  return runs.slice(0, countBefore(runs, character));
}

/** What stands from a character on, as a line of its own. */
export function runsFrom(runs: readonly Run[], character: number): readonly Run[] {
  return runs.slice(coveringAt(runs, character)).map(({ from, origin }) => ({
    from: Math.max(0, from - character),
    origin,
  }));
}

/**
 * The runs of a line in which `length` characters of one op took the place of what stood between two; runs of one op
 * that meet are one.
 */
export function replaced(
  runs: readonly Run[],
  { start, end }: { readonly start: number; readonly end: number },
  { length, origin }: { readonly length: number; readonly origin: Origin },
): readonly Run[] {
  const all = runs.slice(0, countBefore(runs, start));
  const add = (run: Run): void => {
    if (all.at(-1)?.origin !== run.origin) all.push(run);
  };
  if (length > 0) add({ from: start, origin });
  const by = start + length - end;
  for (let index = coveringAt(runs, end); index < runs.length; index++) {
    const { from, origin: whose } = runs[index]!;
    add({ from: Math.max(from, end) + by, origin: whose });
  }
  return all;
}

/** How many begin before a character. */
function countBefore(runs: readonly Run[], character: number): number {
  let [low, high] = [0, runs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (runs[middle]!.from < character) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index of the run in which a character is. */
function coveringAt(runs: readonly Run[], character: number): number {
  return countBefore(runs, character + 1) - 1;
}

/** `head`, then new text from `start` on, then `tail`; runs of one op that meet are one. */
export function joined(
  head: readonly Run[],
  start: number,
  length: number,
  origin: Origin,
  tail: readonly Run[],
): readonly Run[] {
  const all = [...head];
  if (length > 0) all.push({ from: start, origin });
  for (const run of tail) all.push({ from: run.from + start + length, origin: run.origin });
  return all.filter((run, index) => run.origin !== all[index - 1]?.origin);
}

/** `runs` with those of other text, `length` characters from its character `from` on, put over them at `at`. */
export function withRuns(
  runs: readonly Run[],
  at: number,
  { runs: others, from, length }: { readonly runs: readonly Run[]; from: number; length: number },
): readonly Run[] {
  if (length === 0) return runs;
  const moved = (run: Run, by: number): Run => ({ from: run.from + by, origin: run.origin });
  const all = [
    ...runsBefore(runs, at),
    ...runsBefore(runsFrom(others, from), length).map((run) => moved(run, at)),
    ...runsFrom(runs, at + length).map((run) => moved(run, at + length)),
  ];
  return all.filter((run, index) => run.origin !== all[index - 1]?.origin);
}

export function nonEmpty(runs: readonly Run[], origin: Origin): readonly Run[] {
  return runs.length > 0 ? runs : [{ from: 0, origin }];
}
