import type { Change, Changes } from './change.ts';
import type { IdentityHex } from './op.ts';
import type { Origin } from './origin.ts';
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

/** From a character on until the next run, or to the line's end. */
interface Run {
  readonly from: number;
  readonly origin: Origin;
}

/**
 * `runs` begins at character 0 and is never empty. Its last run may begin at the line's end, where
 * there is no text: only who knows the line's length can tell. `end` is the origin of the line end.
 */
interface AuthoredLine {
  readonly runs: readonly Run[];
  readonly end: Origin;
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

  get lineCount(): number {
    return this.#lines.length;
  }

  /** Takes changes in normal form that lie inside the text. Throws RangeError when one does not. */
  apply(changes: Changes, origin: Origin): void {
    for (let index = changes.length - 1; index >= 0; index--) {
      this.#applyOne(changes[index]!, origin);
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

  /** All lines of `text` in order, those of one author in a row together. */
  linesByAuthor(text: Text): readonly AuthoredLines[] {
    const result: AuthoredLines[] = [];
    let number = 0;
    for (const line of text.lines()) {
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

  #applyOne(change: Change, origin: Origin): void {
    const { startLine, startCharacter, endLine, endCharacter, text } = change;
    const last = this.#line(endLine);
    const head = runsBefore(this.#line(startLine).runs, startCharacter);
    const tail = runsFrom(last.runs, endCharacter);
    const lineEnd = text.indexOf('\n');
    if (lineEnd < 0) {
      const runs = joined(head, startCharacter, text.length, origin, tail);
      const line = { runs, end: last.end };
      if (startLine === endLine) this.#lines[startLine] = line;
      else this.#splice(startLine, endLine, [line]);
      return;
    }
    const first = {
      runs: nonEmpty(joined(head, startCharacter, lineEnd, origin, []), origin),
      end: origin,
    };
    const lastLength = text.length - text.lastIndexOf('\n') - 1;
    const end = { runs: joined([], 0, lastLength, origin, tail), end: last.end };
    this.#splice(startLine, endLine, [first, ...wholeLinesOf(text, origin), end]);
  }

  #splice(startLine: number, endLine: number, lines: readonly AuthoredLine[]): void {
    this.#lines = spliceMany(this.#lines, startLine, endLine - startLine + 1, lines);
  }
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

function wholeLine(origin: Origin): AuthoredLine {
  return { runs: [{ from: 0, origin }], end: origin };
}

/** The lines between the first and the last line end of a text: all alike. */
function wholeLinesOf(text: string, origin: Origin): AuthoredLine[] {
  const line = wholeLine(origin);
  const lines: AuthoredLine[] = [];
  let at = text.indexOf('\n');
  for (at = text.indexOf('\n', at + 1); at >= 0; at = text.indexOf('\n', at + 1)) lines.push(line);
  return lines;
}

function runsBefore(runs: readonly Run[], character: number): readonly Run[] {
  return runs.filter(({ from }) => from < character);
}

/** What stands from a character on, as a line of its own. */
function runsFrom(runs: readonly Run[], character: number): readonly Run[] {
  const covering = runs.findLast(({ from }) => from <= character)!;
  const later = runs.filter(({ from }) => from > character);
  return [covering, ...later].map(({ from, origin }) => ({
    from: Math.max(0, from - character),
    origin,
  }));
}

/** `head`, then new text from `start` on, then `tail`; runs of one op that meet are one. */
function joined(
  head: readonly Run[],
  start: number,
  length: number,
  origin: Origin,
  tail: readonly Run[],
): readonly Run[] {
  const all = [...head];
  if (length > 0) all.push({ from: start, origin });
  for (const run of tail) all.push({ from: run.from + start + length, origin: run.origin });
  return all.filter((run, index) => run.origin !== all[index - 1]?.origin);
}

function nonEmpty(runs: readonly Run[], origin: Origin): readonly Run[] {
  return runs.length > 0 ? runs : [{ from: 0, origin }];
}

function always<Value>(value: Value): () => Value {
  return () => value;
}
