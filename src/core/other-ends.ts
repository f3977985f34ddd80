import type { Change, Changes } from './change.ts';
import type { LineEnd } from './op-payload.ts';
import { lineEnds } from './position.ts';

/**
 * Which lines of a text end otherwise than its `eol` says: runs of line numbers from 0, such as `3-5,9`, and
 * nothing where all line ends are alike. The same lines are always the same string.
 */
export type OtherEnds = string;

/** A file with more runs is kept as bytes, so that its row stays below 16 KiB: everybody is sent it. */
export const MOST_RUNS = 1_000;

/** Lines from the first to the last, both included. */
type Run = readonly [first: number, last: number];
type Runs = readonly Run[];

/** False for what is no list of runs as it is written here, or names a line that has no end. */
export function isOtherEnds(value: unknown, ends: number): value is OtherEnds {
  if (typeof value !== 'string') return false;
  if (value === '') return true;
  if (!/^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$/.test(value)) return false;
  const runs = read(value);
  const areApart = runs.every(([first, last], at) => {
    return first <= last && (at === 0 || first > runs[at - 1]![1] + 1);
  });
  return areApart && runs.length <= MOST_RUNS && runs.at(-1)![1] < ends && write(runs) === value;
}

/** How many runs there are: what reading them costs. */
export function runsIn(others: OtherEnds): number {
  let count = others === '' ? 0 : 1;
  for (let at = others.indexOf(','); at >= 0; at = others.indexOf(',', at + 1)) count++;
  return count;
}

/**
 * Line ends as calls name them: `lf` or `crlf`, and with it which lines end otherwise: `lf 3-5,9`, or `lf -` for
 * none. Without that a content has none, and a file keeps those that it has.
 */
export function writeEol(eol: LineEnd, others?: OtherEnds): string {
  return others === undefined ? eol : `${eol} ${others || '-'}`;
}

export interface NamedEnds {
  readonly eol: LineEnd;
  readonly otherEnds?: OtherEnds;
}

/** Undefined for what names none. Whether the text has such lines is for whoever has it to say. */
export function readEol(word: string): NamedEnds | undefined {
  const [eol, others, ...more] = word.split(' ');
  if ((eol !== 'lf' && eol !== 'crlf') || others === '' || more.length > 0) return undefined;
  return { eol, ...(others !== undefined && { otherEnds: others === '-' ? '' : others }) };
}

/** Gathers lines in order of their numbers. */
export class LineRuns {
  readonly #runs: [number, number][] = [];

  get count(): number {
    return this.#runs.length;
  }

  add(first: number, last = first): void {
    if (last < first) return;
    const before = this.#runs.at(-1);
    if (before && before[1] >= first - 1) before[1] = Math.max(before[1], last);
    else this.#runs.push([first, last]);
  }

  toString(): OtherEnds {
    return write(this.#runs);
  }
}

/** The numbers of the lines, in order. */
export function* linesOf(others: OtherEnds): Generator<number> {
  for (const [first, last] of read(others)) for (let line = first; line <= last; line++) yield line;
}

/** Lines that are in either. */
export function withLines(one: OtherEnds, other: OtherEnds): OtherEnds {
  if (one === '' || other === '') return one || other;
  const all = new LineRuns();
  for (const [first, last] of [...read(one), ...read(other)].sort(([a], [b]) => a - b)) {
    all.add(first, last);
  }
  return all.toString();
}

/** Lines that are in the first and not in the second. */
export function withoutLines(one: OtherEnds, other: OtherEnds): OtherEnds {
  if (one === '' || other === '') return one;
  const rest = new LineRuns();
  const gone = read(other);
  let at = 0;
  for (const [start, end] of read(one)) {
    let first = start;
    while (at < gone.length && gone[at]![1] < first) at++;
    for (let index = at; index < gone.length && gone[index]![0] <= end; index++) {
      rest.add(first, gone[index]![0] - 1);
      first = gone[index]![1] + 1;
    }
    rest.add(first, end);
  }
  return rest.toString();
}

/** All other lines of a text with so many line ends. */
export function otherLines(others: OtherEnds, ends: number): OtherEnds {
  return ends === 0 ? '' : withoutLines(ends === 1 ? '0' : `0-${ends - 1}`, others);
}

/**
 * The lines after a change of the text, which had so many line ends: every line keeps its end as changes move
 * it, and the end of a line that goes, goes. Of lines that are put in the first have the ends of those in whose
 * place they are, further ones that of the last of these; what is put in where nothing goes has the end of the
 * line that it is put into, or of the line before where that has none.
 *
 * So every line end comes from one of before: sets of lines may be joined and taken from each other before a
 * change or after it, with the same result.
 */
export function followEnds(others: OtherEnds, ends: number, changes: Changes): OtherEnds {
  if (others === '') return '';
  const before = new RunReader(read(others));
  const after = new LineRuns();
  let copied = 0;
  let shift = 0;
  for (const change of changes) {
    const { startLine, endLine } = change;
    const gone = endLine - startLine;
    const put = lineEnds(change.text);
    const kept = Math.min(gone, put);
    before.copy(copied, startLine + kept, shift, after);
    if (put > gone && before.has(sourceOf(change, ends))) {
      after.add(startLine + shift + gone, startLine + shift + put - 1);
    }
    copied = endLine;
    shift += put - gone;
  }
  before.copy(copied, ends, shift, after);
  return after.toString();
}

/**
 * Lines after changes of a text which no change has touched. One is touched where something was put in or taken
 * away before its end, so that it reads otherwise.
 */
export function untouchedLines(endsBefore: number, changes: Changes): OtherEnds {
  const untouched = new LineRuns();
  let next = 0;
  let shift = 0;
  for (const { startLine, startCharacter, endLine, endCharacter, text } of changes) {
    untouched.add(next + shift, startLine + shift - 1);
    shift += lineEnds(text) - (endLine - startLine);
    const isWhole = text === '' ? startCharacter === 0 : text.endsWith('\n');
    const endsLine = endCharacter === 0 && isWhole;
    next = endLine + (endsLine ? 0 : 1);
  }
  untouched.add(next + shift, endsBefore + shift - 1);
  return untouched.toString();
}

/** Those of the lines that are in the other, too. */
export function sharedLines(one: OtherEnds, other: OtherEnds): OtherEnds {
  return withoutLines(one, withoutLines(one, other));
}

/** The lines that end in CRLF. */
export function crlfLines({ eol, otherEnds = '' }: NamedEnds, ends: number): OtherEnds {
  return eol === 'crlf' ? otherLines(otherEnds, ends) : otherEnds;
}

/** How lines of a text are to end. */
export interface EndsChange {
  readonly crlf: OtherEnds;
  readonly lf: OtherEnds;
}

/** What `after` says of lines otherwise than `before` does, moved along: of all, and of those that read as before. */
export function endsChanged(
  endsBefore: number,
  before: NamedEnds,
  after: NamedEnds,
  changes: Changes,
): { readonly all: EndsChange; readonly untouched: EndsChange } {
  const ends = endsAfter(endsBefore, changes);
  const was = followEnds(crlfLines(before, endsBefore), endsBefore, changes);
  const is = crlfLines(after, ends);
  const all = { crlf: withoutLines(is, was), lf: withoutLines(was, is) };
  const lines = untouchedLines(endsBefore, changes);
  const untouched = { crlf: sharedLines(all.crlf, lines), lf: sharedLines(all.lf, lines) };
  return { all, untouched };
}

/** How many line ends there are after changes. */
export function endsAfter(ends: number, changes: Changes): number {
  return changes.reduce(
    (sum, { startLine, endLine, text }) => sum + lineEnds(text) - (endLine - startLine),
    ends,
  );
}

function sourceOf({ startLine, endLine }: Change, ends: number): number {
  if (endLine > startLine) return endLine - 1;
  return startLine < ends ? startLine : startLine - 1;
}

class RunReader {
  readonly #runs: Runs;

  constructor(runs: Runs) {
    this.#runs = runs;
  }

  has(line: number): boolean {
    const run = this.#runs[this.#firstEndingAt(line)];
    return run !== undefined && run[0] <= line;
  }

  /** Those from `first` on and below `end`, so many lines further down. */
  copy(first: number, end: number, shift: number, to: LineRuns): void {
    for (let at = this.#firstEndingAt(first); at < this.#runs.length; at++) {
      const [start, last] = this.#runs[at]!;
      if (start >= end) return;
      to.add(Math.max(start, first) + shift, Math.min(last, end - 1) + shift);
    }
  }

  #firstEndingAt(line: number): number {
    let [low, high] = [0, this.#runs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#runs[middle]![1] < line) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function read(others: OtherEnds): Run[] {
  if (others === '') return [];
  return others.split(',').map((run) => {
    const dash = run.indexOf('-');
    if (dash < 0) return [Number(run), Number(run)];
    return [Number(run.slice(0, dash)), Number(run.slice(dash + 1))];
  });
}

function write(runs: Runs): OtherEnds {
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}
