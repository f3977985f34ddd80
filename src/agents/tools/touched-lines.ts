import { type Change, type Changes, endOf, replace, startOf } from '../../core/change.ts';
import { comparePositions, type Position } from '../../core/position.ts';
import type { Text } from '../../core/text.ts';

/**
 * The lines, whole, of which changes replace something, as they read; with the line ends around them and the
 * letter beyond, so that a line which others put directly above or below counts, too. Who writes a file whole
 * gives every line as one thing: where others wrote into such a line, or next to it, somebody has to look.
 */
export function touchedLines(text: Text, changes: Changes): Changes {
  const lines: Change[] = [];
  for (const change of changes) {
    const { startLine, endLine, endCharacter } = change;
    if (comparePositions(startOf(change), endOf(change)) === 0) continue;
    // A change that ends before the first letter of a line leaves that line.
    const last = endCharacter === 0 && endLine > startLine ? endLine - 1 : endLine;
    const end = letterBehind(text, last);
    const before = lines.at(-1);
    const joins = before && comparePositions(endOf(before), letterBefore(text, startLine)) >= 0;
    const start = joins ? startOf(lines.pop()!) : letterBefore(text, startLine);
    const content = text.slice(start, end);
    if (content !== '') lines.push(replace(start, end, content));
  }
  return lines;
}

function letterBefore(text: Text, line: number): Position {
  if (line === 0) return { line, character: 0 };
  const above = text.line(line - 1);
  const isPair = (above.codePointAt(above.length - 2) ?? 0) > LAST_OF_ONE_UNIT;
  return { line: line - 1, character: Math.max(0, above.length - (isPair ? 2 : 1)) };
}

function letterBehind(text: Text, line: number): Position {
  if (line + 1 >= text.lineCount) return { line, character: text.line(line).length };
  const below = text.line(line + 1);
  const isPair = (below.codePointAt(0) ?? 0) > LAST_OF_ONE_UNIT;
  return { line: line + 1, character: Math.min(below.length, isPair ? 2 : 1) };
}

/** A letter beyond it is two UTF-16 code units, which a range never parts. */
const LAST_OF_ONE_UNIT = 0xffff;
