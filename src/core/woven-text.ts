import type { Change, Changes } from './change.ts';
import type { Origin } from './origin.ts';
import { spliceMany } from './splice-many.ts';
import type { Text } from './text.ts';

/** A piece of text that came and perhaps went as one. */
export interface Strand {
  readonly text: string;
  /** Undefined for what was there at first. */
  readonly insertedBy: Origin | undefined;
  /** Undefined for what is still there. */
  readonly deletedBy: Origin | undefined;
  /** Where it begins in all that its op inserted, and in all that its op deleted: so equal pieces are told apart. */
  readonly insertedAt?: number;
  readonly deletedAt?: number;
  /** Somebody looked at it as it came, and said that it stays. */
  readonly isInsertionKept?: boolean;
  /** The same of its going. */
  readonly isDeletionKept?: boolean;
}

/** Strands with the line end last; the last line has none. Text that never changed is a string. */
type WovenLine = string | readonly Strand[];

/**
 * A text that forgets nothing: folded from changes, it keeps what they deleted at its place, and
 * who did what. A change costs the lines it touches, with all that was ever deleted in them.
 */
export class WovenText {
  #lines: WovenLine[];

  private constructor(lines: WovenLine[]) {
    this.#lines = lines;
  }

  static of(base: Text): WovenText {
    return new WovenText([...base.lines()]);
  }

  /** A copy that goes its own way. */
  clone(): WovenText {
    return new WovenText([...this.#lines]);
  }

  /** Takes changes in normal form that lie inside the text. Throws RangeError when one does not. */
  apply(changes: Changes, origin: Origin): void {
    const place = { inserted: changes.reduce((sum, { text }) => sum + text.length, 0), deleted: 0 };
    for (let index = changes.length - 1; index >= 0; index--) {
      place.inserted -= changes[index]!.text.length;
      this.#applyOne(changes[index]!, origin, place);
    }
  }

  /**
   * Somebody says that what certain ops did on these lines stays: the first and the last of the lines, which may
   * lie beyond the text. What stood there and went is on the line where it stood.
   */
  keep(startLine: number, endLine: number, isKept: (origin: Origin) => boolean): void {
    const last = Math.min(endLine, this.#lines.length - 1);
    for (let line = Math.max(0, startLine); line <= last; line++) {
      const woven = this.#lines[line]!;
      if (typeof woven !== 'string') {
        this.#lines[line] = woven.map((strand) => keptStrand(strand, isKept));
      }
    }
  }

  /** Everything in order, line ends included, deleted strands where they were. */
  *strands(): Generator<Strand> {
    for (let line = 0; line < this.#lines.length; line++) yield* this.#strandsOf(line);
  }

  /** The lines in order, as strands where something ever changed. */
  lines(): readonly WovenLine[] {
    return this.#lines;
  }

  toString(): string {
    let text = '';
    for (const strand of this.strands()) if (isThere(strand)) text += strand.text;
    return text;
  }

  #strandsOf(line: number): readonly Strand[] {
    const woven = this.#lines[line];
    if (woven === undefined) throw new RangeError(`line ${line} is beyond the text`);
    if (typeof woven !== 'string') return woven;
    const text = line === this.#lines.length - 1 ? woven : `${woven}\n`;
    return text === '' ? [] : [{ text, insertedBy: undefined, deletedBy: undefined }];
  }

  /** `place`: in all that the op inserts and deletes; what the change deletes is added to it. */
  #applyOne(change: Change, origin: Origin, place: { inserted: number; deleted: number }): void {
    const { startLine, startCharacter, endLine, endCharacter, text } = change;
    const all: Strand[] = [];
    let deleted = endCharacter - startCharacter;
    for (let line = startLine; line <= endLine; line++) {
      const strands = this.#strandsOf(line);
      if (line < endLine) deleted += lengthOf(strands);
      for (const strand of strands) all.push(strand);
    }
    const [left, rest] = cut(all, startCharacter);
    const [middle, right] = cut(rest, deleted);
    const gone = middle.map((strand) => {
      if (!isThere(strand)) return strand;
      const deletedAt = place.deleted;
      place.deleted += strand.text.length;
      return { ...strand, deletedBy: origin, deletedAt };
    });
    // Text goes behind what its author deleted there, as it does when both are one change.
    const own = deleted === 0 ? right.findIndex((strand) => !isOwnDeletion(strand, origin)) : 0;
    const behind = own < 0 ? right.length : own;
    const insertedAt = place.inserted;
    const inserted =
      text === '' ? [] : [{ text, insertedBy: origin, deletedBy: undefined, insertedAt }];
    const woven = [
      ...left,
      ...gone,
      ...right.slice(0, behind),
      ...inserted,
      ...right.slice(behind),
    ];
    const lines = linesOf(woven);
    // Where the last line goes on behind what was taken apart, its end is in it already.
    if (endLine < this.#lines.length - 1) lines.pop();
    this.#lines = spliceMany(this.#lines, startLine, endLine - startLine + 1, lines);
  }
}

export function isThere({ deletedBy }: Strand): boolean {
  return deletedBy === undefined;
}

/** True where one of certain ops brought it, and nobody has kept that. */
export function isInsertedBy(
  { insertedBy, isInsertionKept }: Strand,
  isWanted: (origin: Origin) => boolean,
): boolean {
  return insertedBy !== undefined && isInsertionKept !== true && isWanted(insertedBy);
}

/** True where one of certain ops took it away, and nobody has kept that. */
export function isDeletedBy(
  { deletedBy, isDeletionKept }: Strand,
  isWanted: (origin: Origin) => boolean,
): boolean {
  return deletedBy !== undefined && isDeletionKept !== true && isWanted(deletedBy);
}

function keptStrand(strand: Strand, isKept: (origin: Origin) => boolean): Strand {
  const { insertedBy, deletedBy } = strand;
  const isInsertion = insertedBy !== undefined && isKept(insertedBy);
  const isDeletion = deletedBy !== undefined && isKept(deletedBy);
  if (!isInsertion && !isDeletion) return strand;
  return {
    ...strand,
    isInsertionKept: isInsertion || strand.isInsertionKept === true,
    isDeletionKept: isDeletion || strand.isDeletionKept === true,
  };
}

function isOwnDeletion({ deletedBy }: Strand, { author }: Origin): boolean {
  return deletedBy?.author === author;
}

function lengthOf(strands: readonly Strand[]): number {
  return strands.reduce((sum, strand) => sum + (isThere(strand) ? strand.text.length : 0), 0);
}

/** Cuts behind so many characters that are there; what was deleted at the cut goes to the second half. */
function cut(strands: readonly Strand[], characters: number): [Strand[], Strand[]] {
  const before: Strand[] = [];
  let left = characters;
  for (let index = 0; index < strands.length; index++) {
    const strand = strands[index]!;
    if (left === 0) return [before, strands.slice(index)];
    if (!isThere(strand)) {
      before.push(strand);
    } else if (strand.text.length <= left) {
      before.push(strand);
      left -= strand.text.length;
    } else {
      before.push(pieceOf(strand, 0, left));
      const rest = pieceOf(strand, left, strand.text.length);
      return [before, [rest, ...strands.slice(index + 1)]];
    }
  }
  if (left > 0) throw new RangeError('a change leaves the text');
  return [before, []];
}

/** Strands by the lines of what is there; always a last one, which may be empty. */
function linesOf(strands: readonly Strand[]): Strand[][] {
  const lines: Strand[][] = [[]];
  for (const strand of strands) {
    if (!isThere(strand) || !strand.text.includes('\n')) {
      lines.at(-1)!.push(strand);
      continue;
    }
    let at = 0;
    for (const text of strand.text.split(/(?<=\n)/)) {
      lines.at(-1)!.push(text === strand.text ? strand : pieceOf(strand, at, at + text.length));
      at += text.length;
      if (text.endsWith('\n')) lines.push([]);
    }
  }
  return lines;
}

/** A piece of a strand that is there. */
function pieceOf(strand: Strand, start: number, end: number): Strand {
  const { text, insertedAt } = strand;
  const piece = { ...strand, text: text.slice(start, end) };
  return insertedAt === undefined ? piece : { ...piece, insertedAt: insertedAt + start };
}
