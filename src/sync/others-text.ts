/**
 * Owns: where in a text others have written since some moment, kept through edits. Does not know: what is done about
 * it, when a moment begins.
 */
import { type Change, type Changes, endOf, resultRanges, startOf } from '../core/change.ts';
import { mapPosition } from '../core/map-position.ts';
import { comparePositions, type Position } from '../core/position.ts';

/** What somebody wrote; what was only deleted leaves an empty one. Line ends behind it are not in it. */
interface Written {
  readonly start: Position;
  readonly end: Position;
  /** A save that began later has it. */
  readonly isInSave: boolean;
}

/** Beyond it those that lie closest are taken for one, with what is between them. */
const MOST = 64;

export class OthersText {
  #written: readonly Written[] = [];

  get isEmpty(): boolean {
    return this.#written.length === 0;
  }

  /** The text changed, by nobody who counts as another. */
  moved(changes: Changes): void {
    if (this.#written.length === 0 || changes.length === 0) return;
    this.#written = this.#written.map((each) => {
      // What is inserted at either edge is no part of it: its author writes more by `wrote`.
      const start = mapPosition(each.start, changes, 'after');
      const end = mapPosition(each.end, changes, 'before');
      // Where all of it is replaced, and where there is nothing, its place is left.
      return { ...each, start: comparePositions(start, end) > 0 ? end : start, end };
    });
  }

  /** Others changed the text. */
  wrote(changes: Changes): void {
    this.moved(changes);
    const fresh = resultRanges(changes).map((range) => ({ ...range, isInSave: false }));
    this.#written = bounded(joined([...this.#written, ...fresh].sort(byStart)));
  }

  /** A save begins, which has all of it. */
  saving(): void {
    this.#written = this.#written.map((each) => ({ ...each, isInSave: true }));
  }

  /** The save that began last is done: what it has is others' fresh text no more. */
  saved(): void {
    this.#written = this.#written.filter(({ isInSave }) => !isInSave);
  }

  /** True where a change touches a line of it. */
  isTouchedBy(change: Change): boolean {
    return this.#written.some(({ start, end }) => touchesLines(change, start.line, end.line));
  }
}

/** True where a change begins, ends or goes on in one of these lines, both included. */
export function touchesLines(change: Change, firstLine: number, lastLine: number): boolean {
  return startOf(change).line <= lastLine && endOf(change).line >= firstLine;
}

function byStart(a: Written, b: Written): number {
  return comparePositions(a.start, b.start);
}

/** What is typed key by key is one. */
function joined(sorted: readonly Written[]): readonly Written[] {
  const result: Written[] = [];
  for (const each of sorted) {
    const last = result.at(-1);
    if (last && comparePositions(each.start, last.end) <= 0)
      result[result.length - 1] = both(last, each);
    else result.push(each);
  }
  return result;
}

function both(a: Written, b: Written): Written {
  const end = comparePositions(a.end, b.end) < 0 ? b.end : a.end;
  return { start: a.start, end, isInSave: a.isInSave && b.isInSave };
}

function bounded(written: readonly Written[]): readonly Written[] {
  if (written.length <= MOST) return written;
  const gaps = written.slice(1).map(({ start }, index) => start.line - written[index]!.end.line);
  const least = gaps.indexOf(Math.min(...gaps));
  const one = both(written[least]!, written[least + 1]!);
  return bounded([...written.slice(0, least), one, ...written.slice(least + 2)]);
}
