import type { Change, Changes } from './change.ts';
import type { Origin } from './origin.ts';
import { spliceMany } from './splice-many.ts';
import { StrandPieces } from './strand-pieces.ts';
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
  /** It is a copy of one that had gone: whose that was, where it began in what they inserted, and who took it away. */
  readonly again?: Pick<Strand, 'insertedBy' | 'insertedAt' | 'deletedBy'>;
  /** Somebody looked at it as it came, and decided: the number of the first such decision. */
  readonly insertionDecidedBy?: number;
  /** The same of its going. */
  readonly deletionDecidedBy?: number;
}

/** What somebody decided of what certain ops did. */
export interface StrandDecision {
  /** Of decisions about the same, in whatever order they are told, the one with the lowest number counts. */
  readonly decision: number;
  readonly isDecided: (origin: Origin) => boolean;
  /** What these ops took away may come back by a decision about them. */
  readonly isWork: (origin: Origin) => boolean;
}

/** What an op brings back that does what was decided before it. */
export interface Taking {
  /** The number of the decision. */
  readonly decision: number;
  /** What others had put back by then; asked for only where something of what was decided does not come back. */
  readonly putBack: () => ReadonlySet<Strand>;
}

/** Strands with the line end last; the last line has none. Text that never changed is a string. */
type WovenLine = string | readonly Strand[];

/**
 * A text that forgets nothing: folded from changes, it keeps what they deleted at its place, and
 * who did what. A change costs the lines it touches, with all that was ever deleted in them.
 */
export class WovenText {
  /** But for the lines that are open. */
  #settled: WovenLine[];
  /** Lines in which something changed since somebody looked, in pieces: many changes on one line cost little so. */
  readonly #open = new Map<number, StrandPieces>();

  private constructor(lines: WovenLine[]) {
    this.#settled = lines;
  }

  get #lines(): WovenLine[] {
    for (const [line, pieces] of this.#open) this.#settled[line] = pieces.all();
    this.#open.clear();
    return this.#settled;
  }

  set #lines(lines: WovenLine[]) {
    this.#settled = lines;
  }

  static of(base: Text): WovenText {
    return new WovenText([...base.lines()]);
  }

  /** A copy that goes its own way. */
  clone(): WovenText {
    return new WovenText([...this.#lines]);
  }

  /**
   * Takes changes in normal form that lie inside the text. Throws RangeError when one does not. What `taking` brings
   * back stands in the very place of the strands that it is a copy of: so their order is that in which they stood, and
   * not that in which they came back.
   */
  apply(changes: Changes, origin: Origin, taking?: Taking): void {
    const place = { inserted: changes.reduce((sum, { text }) => sum + text.length, 0), deleted: 0 };
    for (let index = changes.length - 1; index >= 0; index--) {
      place.inserted -= changes[index]!.text.length;
      this.#applyOne(changes[index]!, origin, place, taking);
    }
  }

  /**
   * Somebody decided about what certain ops did on these lines: the first and the last of the lines, which may
   * lie beyond the text. What stood there and went is on the line where it stood.
   */
  decide(startLine: number, endLine: number, decided: StrandDecision): void {
    const last = Math.min(endLine, this.#lines.length - 1);
    for (let line = Math.max(0, startLine); line <= last; line++) {
      const woven = this.#lines[line]!;
      if (typeof woven !== 'string') {
        this.#lines[line] = woven.map((strand) => decidedStrand(strand, decided));
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

  #strandsOf(line: number, lines = this.#lines): readonly Strand[] {
    const woven = lines[line];
    if (woven === undefined) throw new RangeError(`line ${line} is beyond the text`);
    if (typeof woven !== 'string') return woven;
    const text = line === lines.length - 1 ? woven : `${woven}\n`;
    return text === '' ? [] : [{ text, insertedBy: undefined, deletedBy: undefined }];
  }

  /** `place`: in all that the op inserts and deletes; what the change deletes is added to it. */
  #applyOne(
    change: Change,
    origin: Origin,
    place: { inserted: number; deleted: number },
    taking: Taking | undefined,
  ): void {
    const { startLine, startCharacter, endLine, endCharacter, text } = change;
    if (!taking && startLine === endLine && !text.includes('\n')) {
      return this.#applyInline(change, origin, place);
    }
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
    const returned = taking && broughtBack([...gone, ...right], inserted, taking);
    const woven = returned
      ? [...left, ...returned]
      : [...left, ...gone, ...right.slice(0, behind), ...inserted, ...right.slice(behind)];
    const lines = linesOf(woven);
    // Where the last line goes on behind what was taken apart, its end is in it already.
    if (endLine < this.#lines.length - 1) lines.pop();
    this.#lines = spliceMany(this.#lines, startLine, endLine - startLine + 1, lines);
  }
  /** The same of a change inside a line. */
  #applyInline(
    { startLine, startCharacter, endCharacter, text }: Change,
    origin: Origin,
    place: { readonly inserted: number; deleted: number },
  ): void {
    const pieces =
      this.#open.get(startLine) ?? new StrandPieces(this.#strandsOf(startLine, this.#settled));
    const { inserted: insertedAt } = place;
    const inserted =
      text === '' ? undefined : { text, insertedBy: origin, deletedBy: undefined, insertedAt };
    pieces.change({
      start: startCharacter,
      deleted: endCharacter - startCharacter,
      inserted,
      author: origin.author,
      goneOf(strand) {
        const deletedAt = place.deleted;
        place.deleted += strand.text.length;
        return { ...strand, deletedBy: origin, deletedAt };
      },
      cut: pieceOf,
    });
    this.#open.set(startLine, pieces);
  }
}

export function isThere({ deletedBy }: Strand): boolean {
  return deletedBy === undefined;
}

/** Whose it is: what was taken away and came back is whose it was. Undefined for what was there at first. */
export function writerOf({ again, insertedBy }: Strand): Origin | undefined {
  return again ? again.insertedBy : insertedBy;
}

/** True where it is of one of certain ops, and nobody has decided about that. */
export function isInsertedBy(strand: Strand, isWanted: (origin: Origin) => boolean): boolean {
  const writer = writerOf(strand);
  return writer !== undefined && strand.insertionDecidedBy === undefined && isWanted(writer);
}

/** True where one of certain ops took it away, and nobody has decided about that. */
export function isDeletedBy(
  { deletedBy, deletionDecidedBy }: Strand,
  isWanted: (origin: Origin) => boolean,
): boolean {
  return deletedBy !== undefined && deletionDecidedBy === undefined && isWanted(deletedBy);
}

function decidedStrand(strand: Strand, { decision, isDecided, isWork }: StrandDecision): Strand {
  const { deletedBy, insertionDecidedBy, deletionDecidedBy } = strand;
  const writer = writerOf(strand);
  const isDeletion = deletedBy !== undefined && isDecided(deletedBy);
  // Nobody sees what somebody else's work has taken away: once it is back it is to be looked at.
  const isHidden = deletedBy !== undefined && !isDeletion && isWork(deletedBy);
  const isInsertion = !isHidden && writer !== undefined && isDecided(writer);
  if (!isInsertion && !isDeletion) return strand;
  const first = (before = decision): number => Math.min(before, decision);
  return {
    ...strand,
    ...(isInsertion && { insertionDecidedBy: first(insertionDecidedBy) }),
    ...(isDeletion && { deletionDecidedBy: first(deletionDecidedBy) }),
  };
}

/**
 * Strands from a place on, with what was inserted there in front of each of those that it brings back; undefined where
 * that is not what was inserted. Nothing is looked for: what a decision took at one place comes back as a whole.
 */
function broughtBack(
  strands: readonly Strand[],
  [inserted]: readonly Strand[],
  { decision, putBack }: Taking,
): readonly Strand[] | undefined {
  if (!inserted) return undefined;
  const end = strands.findIndex(isThere);
  const gone = end < 0 ? strands : strands.slice(0, end);
  let taken = gone.filter(({ insertionDecidedBy, deletionDecidedBy }) => {
    // What the same work had brought was not there before it.
    return deletionDecidedBy === decision && insertionDecidedBy !== decision;
  });
  if (joinedText(taken) !== inserted.text) {
    const known = putBack();
    taken = taken.filter((strand) => !known.has(strand));
    if (joinedText(taken) !== inserted.text) return undefined;
  }
  const own = new Set(taken);
  let at = 0;
  return strands.flatMap((strand) => {
    if (!own.has(strand)) return [strand];
    const piece = pieceOf(inserted, at, at + strand.text.length);
    at += strand.text.length;
    return [standingAgain(strand, piece), strand];
  });
}

/** What somebody brought back of a strand: it came with them, and is all else that it was. */
function standingAgain(strand: Strand, piece: Strand): Strand {
  const { deletedBy, insertionDecidedBy } = strand;
  const { insertedBy, insertedAt } = strand.again ?? strand;
  const again = { insertedBy, insertedAt, deletedBy };
  return { ...piece, again, ...(insertionDecidedBy !== undefined && { insertionDecidedBy }) };
}

function joinedText(strands: readonly Strand[]): string {
  return strands.map(({ text }) => text).join('');
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
  const { text, insertedAt, again } = strand;
  const moved = (at: number | undefined) => at !== undefined && { insertedAt: at + start };
  return {
    ...strand,
    text: text.slice(start, end),
    ...moved(insertedAt),
    ...(again && { again: { ...again, ...moved(again.insertedAt) } }),
  };
}
