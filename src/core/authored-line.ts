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
  return runs.filter(({ from }) => from < character);
}

/** What stands from a character on, as a line of its own. */
export function runsFrom(runs: readonly Run[], character: number): readonly Run[] {
  const covering = runs.findLast(({ from }) => from <= character)!;
  const later = runs.filter(({ from }) => from > character);
  return [covering, ...later].map(({ from, origin }) => ({
    from: Math.max(0, from - character),
    origin,
  }));
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
