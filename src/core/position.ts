/** A place in a text: zero-based line, and character in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** Negative when `a` stands before `b`, zero when they are the same place. */
export function comparePositions(a: Position, b: Position): number {
  return a.line - b.line || a.character - b.character;
}

/** The place where `text` ends when it is inserted at `start`. `text` has LF line ends only. */
export function endOfInserted(start: Position, text: string): Position {
  let line = start.line;
  let lineStart = -1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return lineStart < 0
    ? { line, character: start.character + text.length }
    : { line, character: text.length - lineStart };
}

/** How many line ends there are in a text. */
export function lineEnds(text: string): number {
  if (text.length === 1) return text === '\n' ? 1 : 0;
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/**
 * Distance from `from` to `to` (`from` not after `to`), as a position relative to `from`:
 * the number of lines crossed, and the characters on the last of them.
 */
export function distance(from: Position, to: Position): Position {
  return to.line === from.line
    ? { line: 0, character: to.character - from.character }
    : { line: to.line - from.line, character: to.character };
}

/** The place `length` after `from`; the inverse of `distance`. */
export function advance(from: Position, length: Position): Position {
  return length.line === 0
    ? { line: from.line, character: from.character + length.character }
    : { line: from.line + length.line, character: length.character };
}

/** True when the distance is nothing. */
export function isZero(length: Position): boolean {
  return length.line === 0 && length.character === 0;
}

/** The offset in `text` that lies `length` after its start. `length` must not leave `text`. */
export function offsetIn(text: string, length: Position): number {
  let offset = 0;
  for (let line = 0; line < length.line; line++) offset = text.indexOf('\n', offset) + 1;
  return offset + length.character;
}
