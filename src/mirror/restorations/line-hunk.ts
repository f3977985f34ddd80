import { type Change, type Changes, isInsertion, replace } from '../../core/change.ts';
import { lineEnds } from '../../core/position.ts';
import type { Text } from '../../core/text.ts';
import { alignLines } from './line-alignment.ts';

/** Lines of one text that give way to lines of another; `to` and `newTo` are exclusive. */
export interface LineHunk {
  readonly from: number;
  readonly to: number;
  readonly newFrom: number;
  readonly newTo: number;
  /** What it is made of; undefined where only its lines are known. */
  readonly changes: Changes | undefined;
}

/** Changes as hunks of whole lines, in order. Between two there is at least one line that stays. */
export function lineHunks(changes: Changes, before: Text): readonly LineHunk[] {
  const hunks: (LineHunk & { readonly changes: Change[] })[] = [];
  let added = 0;
  for (const change of changes) {
    const { from, to } = linesOf(change, before);
    const newFrom = from + added;
    added += lineEnds(change.text) - (change.endLine - change.startLine);
    const last = hunks.at(-1);
    if (last && from <= last.to) {
      last.changes.push(change);
      const end = Math.max(last.to, to);
      hunks[hunks.length - 1] = { ...last, to: end, newTo: end + added };
    } else {
      hunks.push({ from, to, newFrom, newTo: to + added, changes: [change] });
    }
  }
  return hunks;
}

/** Beyond so many pairs of lines a difference is often given as one large change. */
const LARGE_PAIRS = 10_000;

/** A large hunk as those of its lines that differ. */
export function smallerHunks(hunk: LineHunk, before: Text, after: Text): readonly LineHunk[] {
  const { from, to, newFrom, newTo } = hunk;
  const isLarge = (to - from) * (newTo - newFrom) >= LARGE_PAIRS;
  return isLarge ? hunksInside(hunk, before, after) : [hunk];
}

/** The lines of a hunk that differ; the hunk itself where they are too many to compare. */
export function hunksInside(
  hunk: Omit<LineHunk, 'changes'>,
  before: Text,
  after: Text,
): readonly LineHunk[] {
  const { from, to, newFrom, newTo } = hunk;
  const old = [...before.lines(from, to)];
  const aligned = alignLines(old, [...after.lines(newFrom, newTo)]);
  if (!aligned) return [{ changes: undefined, ...hunk }];
  const hunks: LineHunk[] = [];
  let [line, newLine] = [0, 0];
  for (const [index, now] of [...aligned, newTo - newFrom].entries()) {
    if (now < 0) continue;
    if (index > line || now > newLine) {
      const [start, newStart] = [from + line, newFrom + newLine];
      const place = { from: start, to: from + index, newFrom: newStart, newTo: newFrom + now };
      hunks.push({ ...place, changes: undefined });
    }
    [line, newLine] = [index + 1, now + 1];
  }
  return hunks;
}

/** The lines that a change touches; none where it only puts lines between others. */
function linesOf(change: Change, before: Text): { readonly from: number; readonly to: number } {
  const { startLine, startCharacter, endLine, endCharacter, text } = change;
  if (startCharacter === 0 && endCharacter === 0 && (text === '' || text.endsWith('\n'))) {
    return { from: startLine, to: endLine };
  }
  const isFromEnd = startCharacter === before.line(startLine).length;
  const isToEnd = endCharacter === before.line(endLine).length;
  const isLines = text.startsWith('\n') || (text === '' && !isInsertion(change));
  if (isFromEnd && isToEnd && isLines) return { from: startLine + 1, to: endLine + 1 };
  return { from: startLine, to: endLine + 1 };
}

/** Where a hunk's line ends stand: behind its lines, or before them, as at the end of a text. */
export type LineEnds = 'behind' | 'before';

/**
 * The change that puts lines in place of others, and which line of its text is the first of them.
 * With line ends before them, the hunk must not begin at the first line.
 */
export function lineChange(
  before: Text,
  { from, to }: Pick<LineHunk, 'from' | 'to'>,
  lines: readonly string[],
  lineEnds: LineEnds,
): { readonly change: Change; readonly firstLine: number } {
  if (lineEnds === 'before') {
    const [start, end] = [endOfLine(before, from - 1), endOfLine(before, to - 1)];
    const text = lines.map((line) => `\n${line}`).join('');
    return { change: replace(start, end, text), firstLine: 1 };
  }
  const start = { line: from, character: 0 };
  if (to === before.lineCount) {
    return { change: replace(start, before.end, lines.join('\n')), firstLine: 0 };
  }
  const text = lines.map((line) => `${line}\n`).join('');
  return { change: replace(start, { line: to, character: 0 }, text), firstLine: 0 };
}

function endOfLine(text: Text, line: number) {
  return { line, character: text.line(line).length };
}
