import {
  type AuthoredLine,
  joined,
  replaced,
  nonEmpty,
  runsBefore,
  runsFrom,
  withRuns,
  wholeLine,
  wholeLinesOf,
} from './authored-line.ts';
import type { Change, Changes } from './change.ts';
import type { IdentityHex } from './op.ts';
import type { Origin } from './origin.ts';
import type { Position } from './position.ts';
import { spliceMany } from './splice-many.ts';
import type { Text } from './text.ts';

/** A run of characters of one line, `end` exclusive. */
export interface AuthoredRun {
  readonly start: number;
  readonly end: number;
  readonly origin: Origin;
}

/** What one author has in some text. */
export interface Share {
  readonly author: IdentityHex;
  readonly isImported: boolean;
  /** UTF-16 code units that survive; line ends count only for lines that have nothing else. */
  readonly characters: number;
  /** The newest of the ops that brought them. */
  readonly newest: Origin;
}

/** Lines in a row, both ends included, whose text is for the most part one author's. */
export interface AuthoredLines extends Omit<Share, 'characters'> {
  readonly firstLine: number;
  readonly lastLine: number;
}

/** Lines that took the place of others: `added` of them from line `at` on. */
export interface LineSplice {
  readonly at: number;
  readonly added: number;
  readonly removed: readonly AuthoredLine[];
}

/**
 * Who wrote which characters of a text, folded from its changes without the text itself. A change
 * costs the lines it touches, and moves the others' places along where it adds or removes lines.
 */
export class Authorship {
  #lines: AuthoredLine[];

  private constructor(lines: AuthoredLine[]) {
    this.#lines = lines;
  }

  /** A text that came as a whole. */
  static of(lineCount: number, origin: Origin): Authorship {
    return new Authorship(Array.from({ length: lineCount }, always(wholeLine(origin))));
  }

  /** A text that came as a whole, whose first and last lines are again those of a text of before. */
  static ofKept(lineCount: number, origin: Origin, { first, last }: KeptEnds): Authorship {
    const middle = lineCount - first.length - last.length;
    const fresh = Array.from({ length: Math.max(0, middle) }, always(wholeLine(origin)));
    return new Authorship([...first, ...fresh, ...last]);
  }

  get lineCount(): number {
    return this.#lines.length;
  }

  /** Some of its lines as they are now, `end` exclusive. */
  lines(start: number, end: number): readonly AuthoredLine[] {
    return this.#lines.slice(start, end);
  }

  /**
   * Takes changes in normal form that lie inside the text, and tells which lines went. Throws RangeError
   * when one does not.
   */
  apply(changes: Changes, origin: Origin, onSplice?: (splice: LineSplice) => void): void {
    for (let index = changes.length - 1; index >= 0; index--) {
      this.#applyOne(changes[index]!, origin, onSplice);
    }
  }

  /**
   * Says of a text at `start` that it is whose it was in other lines, where it began at a character of
   * the first. Nothing of a text that does not fit there.
   */
  giveBack(
    start: Position,
    text: string,
    before: { readonly lines: readonly AuthoredLine[]; readonly character: number },
  ): void {
    const parts = text.split('\n');
    if (parts.length > before.lines.length || start.line + parts.length > this.lineCount) return;
    for (const [index, part] of parts.entries()) {
      const at = start.line + index;
      const line = this.#line(at);
      const old = before.lines[index]!;
      const isLast = index === parts.length - 1;
      const to = index === 0 ? start.character : 0;
      const from = index === 0 ? before.character : 0;
      this.#lines[at] = {
        runs: withRuns(line.runs, to, { runs: old.runs, from, length: part.length }),
        end: isLast ? line.end : old.end,
      };
    }
  }

  /** A copy that goes its own way. */
  clone(): Authorship {
    return new Authorship([...this.#lines]);
  }

  /** The runs of a line that is so long. */
  runsOf(line: number, length: number): readonly AuthoredRun[] {
    const { runs } = this.#line(line);
    return runs
      .filter(({ from }) => from < length)
      .map(({ from, origin }, index, shown) => {
        return { start: from, end: shown[index + 1]?.from ?? length, origin };
      });
  }

  /** Where the line end behind a line comes from; for the last line, that of the text as a whole. */
  endOf(line: number): Origin {
    return this.#line(line).end;
  }

  /** Who wrote a line that is so long, most first; never empty. */
  sharesOf(line: number, length: number): readonly Share[] {
    if (length === 0) return [shareOf(this.endOf(line), 1)];
    const shares = new ShareCount();
    for (const { start, end, origin } of this.runsOf(line, length)) shares.add(origin, end - start);
    return shares.sorted();
  }

  /** Who has text left in the whole, most first. `text` must be the one that the changes led to. */
  shares(text: Text): readonly Share[] {
    const shares = new ShareCount();
    let number = 0;
    for (const line of text.lines()) {
      for (const share of this.sharesOf(number++, line.length)) {
        shares.add(share.newest, share.characters);
      }
    }
    return shares.sorted();
  }

  /**
   * All lines of `text` in order, those of one author in a row together. What is behind the last line
   * end is a line only if there is something.
   */
  linesByAuthor(text: Text): readonly AuthoredLines[] {
    const result: AuthoredLines[] = [];
    let number = 0;
    const count = text.end.character === 0 ? Math.max(1, text.lineCount - 1) : text.lineCount;
    for (const line of text.lines(0, count)) {
      const { author, isImported, newest } = this.sharesOf(number, line.length)[0]!;
      const last = result.at(-1);
      if (last?.author === author && last.isImported === isImported) {
        const latest = newest.opSeq > last.newest.opSeq ? newest : last.newest;
        result[result.length - 1] = { ...last, lastLine: number, newest: latest };
      } else {
        result.push({ firstLine: number, lastLine: number, author, isImported, newest });
      }
      number++;
    }
    return result;
  }

  #line(number: number): AuthoredLine {
    const line = this.#lines[number];
    if (!line) throw new RangeError(`line ${number} is beyond the ${this.lineCount} lines`);
    return line;
  }

  #applyOne(change: Change, origin: Origin, onSplice?: (splice: LineSplice) => void): void {
    const { startLine, startCharacter, endLine, endCharacter, text } = change;
    if (startLine === endLine && !text.includes('\n')) {
      const { runs, end } = this.#line(startLine);
      const removed = onSplice && this.#lines.slice(startLine, startLine + 1);
      const place = { start: startCharacter, end: endCharacter };
      const brought = { length: text.length, origin };
      this.#lines[startLine] = { runs: replaced(runs, place, brought), end };
      onSplice?.({ at: startLine, added: 1, removed: removed! });
      return;
    }
    const last = this.#line(endLine);
    const head = runsBefore(this.#line(startLine).runs, startCharacter);
    const tail = runsFrom(last.runs, endCharacter);
    const lineEnd = text.indexOf('\n');
    const removed = onSplice && this.#lines.slice(startLine, endLine + 1);
    if (lineEnd < 0) {
      const runs = joined(head, startCharacter, text.length, origin, tail);
      this.#splice(startLine, endLine, [{ runs, end: last.end }]);
      onSplice?.({ at: startLine, added: 1, removed: removed! });
      return;
    }
    const first = {
      runs: nonEmpty(joined(head, startCharacter, lineEnd, origin, []), origin),
      end: origin,
    };
    const lastLength = text.length - text.lastIndexOf('\n') - 1;
    const end = { runs: joined([], 0, lastLength, origin, tail), end: last.end };
    const lines = [first, ...wholeLinesOf(text, origin), end];
    this.#splice(startLine, endLine, lines);
    onSplice?.({ at: startLine, added: lines.length, removed: removed! });
  }

  #splice(startLine: number, endLine: number, lines: readonly AuthoredLine[]): void {
    this.#lines = spliceMany(this.#lines, startLine, endLine - startLine + 1, lines);
  }
}

/** Lines at both ends of a text. */
export interface KeptEnds {
  readonly first: readonly AuthoredLine[];
  readonly last: readonly AuthoredLine[];
}

/** Counts characters by author; imported text apart from what its importer wrote. */
class ShareCount {
  readonly #shares = new Map<string, Share>();

  add(origin: Origin, characters: number): void {
    const key = `${origin.author} ${origin.isImported}`;
    const share = this.#shares.get(key);
    if (!share) {
      this.#shares.set(key, shareOf(origin, characters));
      return;
    }
    const newest = origin.opSeq > share.newest.opSeq ? origin : share.newest;
    this.#shares.set(key, { ...share, characters: share.characters + characters, newest });
  }

  /** Most first; of equal ones the newest. */
  sorted(): readonly Share[] {
    return [...this.#shares.values()].sort(
      (a, b) => b.characters - a.characters || b.newest.opSeq - a.newest.opSeq,
    );
  }
}

function shareOf(newest: Origin, characters: number): Share {
  return { author: newest.author, isImported: newest.isImported, characters, newest };
}

function always<Value>(value: Value): () => Value {
  return () => value;
}
