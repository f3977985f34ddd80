import { comparePositions, endOfInserted, type Position } from './position.ts';

/**
 * One replacement in a text: the range from start to end (end exclusive) becomes `text`.
 * Lines and characters count from zero, characters in UTF-16 code units, line ends are LF.
 */
export interface Change {
  readonly startLine: number;
  readonly startCharacter: number;
  readonly endLine: number;
  readonly endCharacter: number;
  readonly text: string;
}

/**
 * Changes sorted by place that do not overlap, all relative to the same base text. In normal form
 * none is empty and no two touch; `normalizeChanges` makes it, and the algebra keeps it.
 */
export type Changes = readonly Change[];

/** Makes a change from two positions. */
export function replace(start: Position, end: Position, text: string): Change {
  return {
    startLine: start.line,
    startCharacter: start.character,
    endLine: end.line,
    endCharacter: end.character,
    text,
  };
}

export function startOf(change: Change): Position {
  return { line: change.startLine, character: change.startCharacter };
}

export function endOf(change: Change): Position {
  return { line: change.endLine, character: change.endCharacter };
}

/** True when the change deletes nothing. */
export function isInsertion(change: Change): boolean {
  return change.startLine === change.endLine && change.startCharacter === change.endCharacter;
}

/** True when the change neither deletes nor inserts. */
export function isEmptyChange(change: Change): boolean {
  return change.text === '' && isInsertion(change);
}

export function sameChange(a: Change, b: Change): boolean {
  return (
    a.startLine === b.startLine &&
    a.startCharacter === b.startCharacter &&
    a.endLine === b.endLine &&
    a.endCharacter === b.endCharacter &&
    a.text === b.text
  );
}

export function sameChanges(a: Changes, b: Changes): boolean {
  return a.length === b.length && a.every((change, index) => sameChange(change, b[index]!));
}

/** The range of each change in the text that results, in order. */
export function resultRanges(changes: Changes): { start: Position; end: Position }[] {
  const mapped = new ResultCursor();
  return changes.map((change) => mapped.advance(change));
}

/** Walks sorted changes and knows where their results lie; positions may be asked for in between. */
export class ResultCursor {
  #lineDelta = 0;
  #line = -1;
  #characterDelta = 0;

  /** Where a base position lies now. It must not be before the end of the last change walked over. */
  place(position: Position): Position {
    return this.at(position.line, position.character);
  }

  /** The same for a position given as two numbers. */
  at(line: number, character: number): Position {
    return {
      line: line + this.#lineDelta,
      character: line === this.#line ? character + this.#characterDelta : character,
    };
  }

  /** Walks over a change and says which range its text has in the result. */
  advance(change: Change): { start: Position; end: Position } {
    const start = this.at(change.startLine, change.startCharacter);
    const end = endOfInserted(start, change.text);
    this.#lineDelta = end.line - change.endLine;
    this.#line = change.endLine;
    this.#characterDelta = end.character - change.endCharacter;
    return { start, end };
  }
}

/** Drops changes that do nothing and joins those that touch, so that equal edits look equal. */
export function normalizeChanges(changes: Changes): Changes {
  const result: Change[] = [];
  for (const change of changes) {
    if (isEmptyChange(change)) continue;
    const last = result.at(-1);
    if (last && last.endLine === change.startLine && last.endCharacter === change.startCharacter) {
      result[result.length - 1] = {
        ...last,
        endLine: change.endLine,
        endCharacter: change.endCharacter,
        text: last.text + change.text,
      };
    } else {
      result.push(change);
    }
  }
  return result;
}

/** True when the changes are well-formed in themselves: whole numbers, sorted, not overlapping. */
export function areOrdered(changes: Changes): boolean {
  let last: Position = { line: 0, character: 0 };
  for (const change of changes) {
    const start = startOf(change);
    const end = endOf(change);
    if (![start.line, start.character, end.line, end.character].every(isIndex)) return false;
    if (comparePositions(last, start) > 0 || comparePositions(start, end) > 0) return false;
    last = end;
  }
  return true;
}

function isIndex(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;
}

/** A picture of the change for messages and failing tests, such as `3:4-3:9 → "word"`. */
export function describeChange(change: Change): string {
  const range = `${change.startLine}:${change.startCharacter}-${change.endLine}:${change.endCharacter}`;
  return `${range} → ${JSON.stringify(change.text)}`;
}
