import { type Changes, ResultCursor } from './change.ts';
import type { Bias, LineRange } from './map-position.ts';
import { comparePositions, type Position } from './position.ts';

/**
 * `mapLineRange` of many ranges in one walk over the changes: its cost is the sum of the two, not the product. The
 * ranges must be in order and must not overlap.
 */
export function mapLineRanges(
  ranges: readonly LineRange[],
  changes: Changes,
): readonly LineRange[] {
  if (changes.every(keepsLines)) return ranges;
  const starts = new Walk(changes, 'after');
  const ends = new Walk(changes, 'before');
  return ranges.map((range) => {
    const first = starts.map({ line: range.firstLine, character: 0 });
    const end = ends.map({ line: range.lastLine + 1, character: 0 });
    const lastLine = end.character === 0 ? end.line - 1 : end.line;
    return { firstLine: first.line, lastLine: Math.max(first.line, lastLine) };
  });
}

/** Ranges in order, each line once; those side by side become one. */
export function joinedRanges(ranges: readonly LineRange[]): readonly LineRange[] {
  const found: LineRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.firstLine - b.firstLine)) {
    const last = found.at(-1);
    if (!last || range.firstLine > last.lastLine + 1) found.push(range);
    else if (range.lastLine > last.lastLine) {
      found[found.length - 1] = { firstLine: last.firstLine, lastLine: range.lastLine };
    }
  }
  return found;
}

/** Within a line nothing happens to lines. */
function keepsLines({ startLine, endLine, text }: Changes[number]): boolean {
  return startLine === endLine && !text.includes('\n');
}

/** `mapPosition` for positions that are asked for in order. */
class Walk {
  readonly #changes: Changes;
  readonly #bias: Bias;
  readonly #cursor = new ResultCursor();
  #next = 0;
  /** What was walked over last: where it ended, and what its text became. */
  #last:
    { readonly end: Position; readonly result: { start: Position; end: Position } } | undefined;

  constructor(changes: Changes, bias: Bias) {
    this.#changes = changes;
    this.#bias = bias;
  }

  map(position: Position): Position {
    for (;;) {
      const last = this.#last;
      // Inside of what is replaced there is no place of its own left; its beginning is passed with `after` only.
      if (last && comparePositions(position, last.end) < 0) {
        return this.#bias === 'before' ? last.result.start : last.result.end;
      }
      const change = this.#changes[this.#next];
      if (!change) break;
      const start = { line: change.startLine, character: change.startCharacter };
      const toStart = comparePositions(position, start);
      if (toStart < 0 || (toStart === 0 && this.#bias === 'before')) break;
      this.#next++;
      const end = { line: change.endLine, character: change.endCharacter };
      this.#last = { end, result: this.#cursor.advance(change) };
    }
    return this.#cursor.place(position);
  }
}
