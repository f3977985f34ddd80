import { type Change, type Changes, endOf, replace, resultRanges, startOf } from './change.ts';
import { mapLineRange, type LineRange } from './map-position.ts';
import { touchedLines } from './overlap.ts';
import type { CommittedChanges } from './policy.ts';
import { distance, lineEnds } from './position.ts';

/**
 * Which of some ops in a row left their mark on given lines, all in the coordinates of the text
 * after the last of them. For changes whose author's side moved them over those ops already, and
 * for a decision made on a text that has since gone on. Sequence numbers in ascending order.
 */
export function opsTouchingLines(
  ops: readonly CommittedChanges[],
  lines: readonly LineRange[],
): readonly number[] {
  const found: number[] = [];
  let ranges = lines;
  // Backwards, so that each op is looked at once however many there are.
  for (let index = ops.length - 1; index >= 0 && ranges.length > 0; index--) {
    const op = ops[index]!;
    const traced = traceLinesBack(op.changes, ranges);
    if (traced.meets) found.push(op.opSeq);
    ranges = traced.ranges;
  }
  return found.reverse();
}

/** Lines of the text after some changes: whether the changes left a mark on them, and where they were. */
export interface TracedLines {
  readonly meets: boolean;
  readonly ranges: readonly LineRange[];
}

/** Follows lines back over the changes that led to the text they are in. */
export function traceLinesBack(changes: Changes, ranges: readonly LineRange[]): TracedLines {
  const glance = glanceAt(changes, ranges);
  if (glance) return glance;
  const marks = markedLines(changes);
  const meets = ranges.some((range) => marks.some((mark) => rangesMeet(mark, range)));
  const back = shapeOfInverse(changes);
  return { meets, ranges: ranges.map((range) => mapLineRange(range, back)) };
}

/**
 * The ranges before one change that is not near any of them, or that leaves all lines where they
 * are: what ops mostly are. Undefined for any other.
 */
function glanceAt(changes: Changes, ranges: readonly LineRange[]): TracedLines | undefined {
  const change = changes[0];
  if (!change || changes.length > 1) return undefined;
  const lastLine = change.startLine + lineEnds(change.text);
  const meets = ranges.some((r) => r.lastLine >= change.startLine && r.firstLine <= lastLine);
  const lines = lastLine - change.endLine;
  if (meets) return lastLine === change.startLine && lines === 0 ? { meets, ranges } : undefined;
  if (lines === 0) return { meets, ranges };
  const moved = ranges.map((range) =>
    range.lastLine < change.startLine
      ? range
      : { firstLine: range.firstLine - lines, lastLine: range.lastLine - lines },
  );
  return { meets, ranges: moved };
}

/** The lines that changes touch in their base; whole lines put in between touch none. */
export function touchedLineRanges(changes: Changes): LineRange[] {
  return changes.flatMap((change) => touchedLines(change) ?? []);
}

/** The lines that show what changes did, in their result; whole lines put in are marked. */
function markedLines(changes: Changes): LineRange[] {
  return resultRanges(changes).map(({ start, end }) => ({
    firstLine: start.line,
    lastLine: end.character === 0 && end.line > start.line ? end.line - 1 : end.line,
  }));
}

/** Changes that take every place back to where it was; the text is only as long as it needs. */
export function shapeOfInverse(changes: Changes): Changes {
  const ranges = resultRanges(changes);
  return changes.map((change, index) =>
    replace(ranges[index]!.start, ranges[index]!.end, blankOf(change)),
  );
}

function blankOf(change: Change): string {
  const { line, character } = distance(startOf(change), endOf(change));
  return '\n'.repeat(line) + ' '.repeat(character);
}

function rangesMeet(a: LineRange, b: LineRange): boolean {
  return a.firstLine <= b.lastLine && b.firstLine <= a.lastLine;
}
