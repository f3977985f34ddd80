/**
 * Owns: the strands of one line in pieces, so that a change inside the line costs the pieces that it touches, and not all
 * that was ever written there. Does not know: lines, or what strands mean beyond being there.
 */
import { isGoneBy, isThere, pieceOf, type Strand } from './strand.ts';

/** So many strands are in a piece at most. */
const MOST_STRANDS = 64;

export interface Piece {
  readonly strands: readonly Strand[];
  /** UTF-16 code units of what is there. */
  readonly length: number;
  /** Who deleted all of it, if that was one. */
  readonly deleter: string | undefined;
}

/** A change inside a line, that brings no line end and takes none. */
export interface InlineChange {
  /** UTF-16 code units of the line that stay in front of it, and that go. */
  readonly start: number;
  readonly deleted: number;
  readonly inserted: Strand | undefined;
  /** Text goes behind what its author deleted at its place. */
  readonly author: string;
  /** What becomes of a strand that is there and goes; asked in order. */
  readonly goneOf: (strand: Strand) => Strand;
}

export class StrandPieces {
  #pieces: readonly Piece[];

  constructor(strands: readonly Strand[]) {
    this.#pieces = [...piecesOf(strands)];
  }

  /** In order. Those that a change leaves as they were are the same objects after it. */
  get pieces(): readonly Piece[] {
    return this.#pieces;
  }

  all(): Strand[] {
    return this.#pieces.flatMap(({ strands }) => strands);
  }

  /** Throws RangeError for a change that leaves the line. */
  change({ start, deleted, inserted, author, goneOf }: InlineChange): void {
    const builder = new Builder();
    let [left, going] = [start, deleted];
    let open = inserted;
    const isAtPlace = (): boolean => left === 0 && going === 0;
    const put = (): void => {
      if (open) builder.add(open);
      open = undefined;
    };
    const pass = (strand: Strand): void => {
      if (isAtPlace()) {
        if (deleted > 0 || !isGoneBy(strand, author)) put();
        builder.add(strand);
        return;
      }
      if (!isThere(strand)) return builder.add(strand);
      const { length } = strand.text;
      const wanted = left > 0 ? left : going;
      const first = wanted < length ? pieceOf(strand, 0, wanted) : strand;
      if (left > 0) {
        builder.add(first);
        left -= first.text.length;
      } else {
        builder.add(goneOf(first));
        going -= first.text.length;
      }
      if (wanted < length) pass(pieceOf(strand, wanted, length));
    };
    for (const piece of this.#pieces) {
      const isBefore = left > piece.length;
      const isGone = left === 0 && going > 0 && piece.length === 0;
      const isBehind = isAtPlace() && (!open || (deleted === 0 && piece.deleter === author));
      if (isBefore) left -= piece.length;
      if (isBefore || isGone || isBehind) builder.keep(piece);
      else for (const strand of piece.strands) pass(strand);
    }
    if (!isAtPlace()) throw new RangeError('a change leaves the text');
    put();
    this.#pieces = builder.finish();
  }
}

class Builder {
  readonly #pieces: Piece[] = [];
  #strands: Strand[] = [];

  add(strand: Strand): void {
    this.#strands.push(strand);
  }

  keep(piece: Piece): void {
    this.#flush();
    this.#pieces.push(piece);
  }

  finish(): readonly Piece[] {
    this.#flush();
    return this.#pieces;
  }

  #flush(): void {
    if (this.#strands.length === 0) return;
    for (const piece of piecesOf(this.#strands)) this.#pieces.push(piece);
    this.#strands = [];
  }
}

/** In pieces of about the same size. */
function* piecesOf(strands: readonly Strand[]): Generator<Piece> {
  const count = Math.ceil(strands.length / MOST_STRANDS);
  const size = Math.ceil(strands.length / count);
  for (let at = 0; at < strands.length; at += size) yield pieceWith(strands.slice(at, at + size));
}

function pieceWith(strands: readonly Strand[]): Piece {
  const author = strands[0]?.deletedBy?.author;
  let length = 0;
  let isOfOne = true;
  for (const strand of strands) {
    if (isThere(strand)) length += strand.text.length;
    if (strand.deletedBy?.author !== author) isOfOne = false;
  }
  return { strands, length, deleter: isOfOne ? author : undefined };
}
