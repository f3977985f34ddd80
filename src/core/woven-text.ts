import type { Change, Changes } from './change.ts';
import type { Origin } from './origin.ts';
import { spliceMany } from './splice-many.ts';
import {
  decidedStrand,
  isGoneBy,
  isThere,
  lengthOf,
  pieceOf,
  type Strand,
  type StrandDecision,
} from './strand.ts';
import { StrandPieces } from './strand-pieces.ts';
import type { Text } from './text.ts';

/** What an op brings back that does what was decided before it. */
export interface Taking {
  /** The number of the decision. */
  readonly decision: number;
  /**
   * What others had put back by then; asked for before the first change, only where something of what was decided does
   * not come back.
   */
  readonly putBack: () => ReadonlySet<Strand>;
}

/** The strands around a change. */
interface Place {
  readonly left: readonly Strand[];
  readonly middle: readonly Strand[];
  readonly right: readonly Strand[];
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
    const returned = taking && this.#returned(changes, taking);
    const place = { inserted: changes.reduce((sum, { text }) => sum + text.length, 0), deleted: 0 };
    for (let index = changes.length - 1; index >= 0; index--) {
      const change = changes[index]!;
      place.inserted -= change.text.length;
      if (!taking && isInline(change)) this.#applyInline(change, origin, place);
      else this.#applyOne(change, origin, place, returned && (returned.get(change) ?? NOTHING));
    }
  }

  /**
   * The strands that each change brings back, as all of them stand before the first change: changes do not touch, so
   * none has a part in what another one brings back.
   */
  #returned(changes: Changes, { decision, putBack }: Taking): Map<Change, ReadonlySet<Strand>> {
    const returned = new Map<Change, ReadonlySet<Strand>>();
    let known: ReadonlySet<Strand> | undefined;
    for (const change of changes) {
      if (change.text === '') continue;
      let taken = goneAt(this.#at(change), decision);
      if (joinedText(taken).length > change.text.length) {
        known ??= putBack();
        taken = taken.filter((strand) => !known!.has(strand));
      }
      if (joinedText(taken) === change.text) returned.set(change, new Set(taken));
    }
    return returned;
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

  /** The strands on the lines of a change: in front of it, those that it takes away, and those behind. */
  #at({ startLine, startCharacter, endLine, endCharacter }: Change): Place {
    const all: Strand[] = [];
    let deleted = endCharacter - startCharacter;
    for (let line = startLine; line <= endLine; line++) {
      const strands = this.#strandsOf(line);
      if (line < endLine) deleted += lengthOf(strands);
      for (const strand of strands) all.push(strand);
    }
    const [left, rest] = cut(all, startCharacter);
    const [middle, right] = cut(rest, deleted);
    return { left, middle, right };
  }

  /**
   * `place`: in all that the op inserts and deletes; what the change deletes is added to it. `returned`, where the op
   * only brings back what had gone, are strands of which it brings a copy.
   */
  #applyOne(
    change: Change,
    origin: Origin,
    place: { readonly inserted: number; deleted: number },
    returned: ReadonlySet<Strand> | undefined,
  ): void {
    const { startLine, endLine, text } = change;
    const { left, middle, right } = this.#at(change);
    const gone = middle.map((strand) => {
      if (!isThere(strand)) return strand;
      const deletedAt = place.deleted;
      place.deleted += strand.text.length;
      return { ...strand, deletedBy: origin, deletedAt };
    });
    const insertedAt = place.inserted;
    // What went before the first text is from before, and nobody's who brings it back.
    const again = returned && { insertedBy: undefined, deletedBy: undefined };
    const came = { text, insertedBy: origin, deletedBy: undefined, insertedAt };
    const inserted = again ? { ...came, again } : came;
    const isDeletion = middle.some(isThere);
    // Text goes behind what its author deleted there, as it does when both are one change.
    const own = isDeletion ? 0 : right.findIndex((strand) => !isGoneBy(strand, origin.author));
    const behind = own < 0 ? right.length : own;
    const woven = [
      ...left,
      ...(broughtBack([...gone, ...right], inserted, returned ?? NOTHING) ?? [
        ...gone,
        ...right.slice(0, behind),
        ...(text === '' ? [] : [inserted]),
        ...right.slice(behind),
      ]),
    ];
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
    });
    this.#open.set(startLine, pieces);
  }
}

const NOTHING: ReadonlySet<Strand> = new Set();

function isInline({ startLine, endLine, text }: Change): boolean {
  return startLine === endLine && !text.includes('\n');
}

/** What a decision took away at a place, up to what stays there. Nothing is looked for: it comes back as a whole. */
function goneAt({ middle, right }: Place, decision: number): readonly Strand[] {
  const end = right.findIndex(isThere);
  const strands = [...middle, ...(end < 0 ? right : right.slice(0, end))];
  return strands.filter(({ insertionDecidedBy, deletionDecidedBy }) => {
    // What the same work had brought was not there before it.
    return deletionDecidedBy === decision && insertionDecidedBy !== decision;
  });
}

/**
 * Strands from a place on, with what was inserted there in front of each of those that it brings back; undefined where
 * it brings back none.
 */
function broughtBack(
  strands: readonly Strand[],
  inserted: Strand,
  returned: ReadonlySet<Strand>,
): readonly Strand[] | undefined {
  if (returned.size === 0) return undefined;
  let at = 0;
  return strands.flatMap((strand) => {
    if (!returned.has(strand)) return [strand];
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
