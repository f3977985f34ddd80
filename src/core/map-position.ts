import { type Changes, ResultCursor } from './change.ts';
import { comparePositions, type Position } from './position.ts';

/** Which side a position keeps to when text is inserted exactly there, or replaced around it. */
export type Bias = 'before' | 'after';

/** Where a position of the base text lies in the text that `changes` produce. */
export function mapPosition(position: Position, changes: Changes, bias: Bias): Position {
  const cursor = new ResultCursor();
  for (const change of changes) {
    const start = { line: change.startLine, character: change.startCharacter };
    const toStart = comparePositions(position, start);
    if (toStart < 0 || (toStart === 0 && bias === 'before')) break;
    const end = { line: change.endLine, character: change.endCharacter };
    const result = cursor.advance(change);
    const toEnd = comparePositions(position, end);
    // Strictly inside what is replaced there is no place of its own left.
    if (toEnd < 0 && toStart > 0) return bias === 'before' ? result.start : result.end;
    if (toEnd < 0) return result.end;
  }
  return cursor.place(position);
}

/** A range of whole lines, both ends included, such as a soft lock holds. */
export interface LineRange {
  readonly firstLine: number;
  readonly lastLine: number;
}

/** Moves a claimed range of lines along with changes; it never becomes empty. */
export function mapLineRange(range: LineRange, changes: Changes): LineRange {
  const first = mapPosition({ line: range.firstLine, character: 0 }, changes, 'after');
  const end = mapPosition({ line: range.lastLine + 1, character: 0 }, changes, 'before');
  const lastLine = end.character === 0 ? end.line - 1 : end.line;
  return { firstLine: first.line, lastLine: Math.max(first.line, lastLine) };
}
