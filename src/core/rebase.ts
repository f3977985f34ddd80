import {
  type Change,
  type Changes,
  isInsertion,
  normalizeChanges,
  replace,
  ResultCursor,
  sameChange,
} from './change.ts';
import { comparePositions, lineEnds, type Position } from './position.ts';
import { firstEndingAt, firstStartingAfter } from './sorted-changes.ts';

/**
 * At the same place the text that was committed first stands first: `after` places the moved
 * changes behind the text of the others, `before` in front of it.
 */
export type Tie = 'after' | 'before';

/**
 * Moves `changes` over `others`, both in normal form and made on the same base: the result applies to the text that
 * `others` produce and keeps what both intend. What both delete is deleted once; text that one
 * side inserts inside what the other deletes stays; a replacement that both made is made once.
 *
 * With opposite ties the two orders meet in the same text (transformation property 1):
 * `base ∘ a ∘ rebase(b, a, 'after') = base ∘ b ∘ rebase(a, b, 'before')`.
 */
export function rebase(changes: Changes, others: Changes, tie: Tie): Changes {
  if (changes.length === 0 || others.length === 0) return changes;
  // Only what shares lines with the others is compared with them: the rest has its lines counted, which
  // makes an op that touches thousands of places as quick to move as one that touches few.
  const first = firstEndingAt(changes, others[0]!.startLine);
  const behind = firstStartingAfter(changes, others.at(-1)!.endLine);
  const below = behind < changes.length ? linesAdded(others, 0, others.length) : 0;
  if (first === behind) {
    if (below === 0) return changes;
    return [...changes.slice(0, first), ...moveByLines(changes.slice(behind), below)];
  }
  const moved = moveSharing(changes.slice(first, behind), others, tie);
  if (first === 0 && behind === changes.length) return moved;
  return [...changes.slice(0, first), ...moved, ...moveByLines(changes.slice(behind), below)];
}

/** Moves changes each of which may share a line with one of the others. */
function moveSharing(changes: Changes, others: Changes, tie: Tie): Changes {
  let from = firstEndingAt(others, changes[0]!.startLine);
  // One that joins its line to one above brings along what others did there.
  while (from > 0 && others[from - 1]!.endLine === others[from]?.startLine) from--;
  const to = firstStartingAfter(others, changes.at(-1)!.endLine);
  const result: Change[] = [];
  if (from < to) {
    const mover = new Mover(others.slice(from, to), tie);
    for (const change of changes) mover.move(change, result);
  }
  const moved = from < to ? normalizeChanges(result) : changes;
  return moveByLines(moved, linesAdded(others, 0, from));
}

/** By how many lines some of the changes move what lies below them. */
function linesAdded(changes: Changes, from: number, to: number): number {
  let lines = 0;
  for (let index = from; index < to; index++) {
    const { text, startLine, endLine } = changes[index]!;
    lines += startLine - endLine + lineEnds(text);
  }
  return lines;
}

/** The changes so many lines further down. */
export function moveByLines(changes: Changes, lines: number): Changes {
  if (lines === 0) return changes;
  return changes.map(({ startLine, startCharacter, endLine, endCharacter, text }) => ({
    startLine: startLine + lines,
    startCharacter,
    endLine: endLine + lines,
    endCharacter,
    text,
  }));
}

/** Walks both sorted lists once; each question it is asked lies at or after the one before. */
class Mover {
  readonly #others: Changes;
  readonly #tie: Tie;
  readonly #cursor = new ResultCursor();
  #next = 0;
  /** The last change walked over, and the range of its text in the result. */
  #last: { change: Change; start: Position; end: Position } | undefined;

  constructor(others: Changes, tie: Tie) {
    this.#others = others;
    this.#tie = tie;
  }

  move(change: Change, result: Change[]): void {
    const start = { line: change.startLine, character: change.startCharacter };
    const end = { line: change.endLine, character: change.endCharacter };
    this.#walkBefore(start);
    if (this.#dropsTwin(change)) return;
    let at = this.#textPlace(change, start);
    if (isInsertion(change)) {
      if (change.text !== '') result.push(replace(at, at, change.text));
      return;
    }
    let text = change.text;
    for (const [from, to] of this.#survivors(start, end)) {
      if (text !== '' && comparePositions(at, from) !== 0) {
        result.push(replace(at, at, text));
        text = '';
      }
      result.push(replace(from, to, text));
      text = '';
      at = to;
    }
    if (text !== '') result.push(replace(at, at, text));
  }

  /** Walks over the others that start before `place`; one of them may reach beyond it. */
  #walkBefore(place: Position): void {
    for (let other = this.#peek(); other; other = this.#peek()) {
      if (compareStart(other, place) >= 0) return;
      this.#step(other);
    }
  }

  #peek(): Change | undefined {
    return this.#others[this.#next];
  }

  #step(other: Change): void {
    this.#last = { change: other, ...this.#cursor.advance(other) };
    this.#next++;
  }

  /** A replacement both sides made is already there. Insertions are both kept: each was typed. */
  #dropsTwin(change: Change): boolean {
    const other = this.#peek();
    return other !== undefined && !isInsertion(change) && sameChange(change, other);
  }

  /** Where the change's own text goes, among what the others put at the same place. */
  #textPlace(change: Change, start: Position): Position {
    const other = this.#peek();
    if (other && compareStart(other, start) === 0) {
      // An insertion keeps to what stood before it, a replacement to what it replaces: so lines
      // put in above a line stay above it, whatever happens at its start.
      const isFirst =
        isInsertion(other) === isInsertion(change) ? this.#tie === 'after' : isInsertion(other);
      if (isFirst) this.#step(other);
    }
    return this.#place(start);
  }

  /** Where `place` lies now; behind the text of a change whose range reaches beyond it. */
  #place(place: Position): Position {
    if (this.#last && compareEnd(this.#last.change, place) > 0) return this.#last.end;
    return this.#cursor.place(place);
  }

  /** The parts of start–end that the others left standing, in the coordinates of the result. */
  *#survivors(start: Position, end: Position): Generator<readonly [Position, Position]> {
    let from = start;
    if (this.#last && compareEnd(this.#last.change, from) > 0) {
      from = { line: this.#last.change.endLine, character: this.#last.change.endCharacter };
    }
    while (comparePositions(from, end) < 0) {
      const other = this.#peek();
      if (!other || compareStart(other, end) >= 0) {
        yield [this.#cursor.place(from), this.#cursor.place(end)];
        return;
      }
      const to = { line: other.startLine, character: other.startCharacter };
      if (comparePositions(from, to) < 0) yield [this.#cursor.place(from), this.#cursor.place(to)];
      this.#step(other);
      from = { line: other.endLine, character: other.endCharacter };
    }
  }
}

function compareStart(change: Change, place: Position): number {
  return change.startLine - place.line || change.startCharacter - place.character;
}

function compareEnd(change: Change, place: Position): number {
  return change.endLine - place.line || change.endCharacter - place.character;
}
