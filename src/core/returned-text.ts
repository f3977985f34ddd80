import {
  type Change,
  type Changes,
  endOf,
  isEmptyChange,
  normalizeChanges,
  startOf,
} from './change.ts';
import { comparePositions, endOfInserted, lineEnds, type Position } from './position.ts';
import type { Text } from './text.ts';

/**
 * Text that stands again where it stood in an earlier version of the same file: a piece of what a
 * change puts in. An op's payload names it, and whoever wrote it there is its author again.
 */
export interface ReturnedText {
  /** Which of the op's changes, and which part of its text, in UTF-16 code units. */
  readonly change: number;
  readonly at: number;
  readonly length: number;
  /** The version that the text stood in last, or any in which it stood at this place, and where. */
  readonly version: number;
  readonly fromLine: number;
  readonly fromCharacter: number;
}

/**
 * The text of a version of a file that its whole content came back from: so many lines at its start
 * and at its end are again as they were there.
 */
export interface KeptLines {
  readonly version: number;
  readonly first: number;
  readonly last: number;
}

/** What is less than both is whoever's it is that typed it. */
export const RETURNED_LINES = 2;
export const RETURNED_CHARACTERS = 40;

/** So many pieces are named in a call, no more. */
export const RETURNED_PER_CALL = 256;

/** How many versions back text may come from: whoever folds authorship keeps as many. */
export const RETURNED_VERSIONS = 20_000;

/** True for so much text that it may have come back; of what is sent nothing else need be looked at. */
export function mayReturn(text: string): boolean {
  return text.length >= RETURNED_CHARACTERS || lineEnds(text) >= RETURNED_LINES - 1;
}

export function textOf({ at, length }: ReturnedText, { text }: Change): string {
  return text.slice(at, at + length);
}

export function fromOf({ fromLine, fromCharacter }: ReturnedText): Position {
  return { line: fromLine, character: fromCharacter };
}

/** Where a piece of a change's text stands once the change, whose result begins at `start`, was made. */
export function placeOfReturned({ at }: ReturnedText, { text }: Change, start: Position): Position {
  return endOfInserted(start, text.slice(0, at));
}

/**
 * True when `piece`, which stands at `from` in one text and at `to` in another, is enough to have come
 * back. A line counts as whole where it is the same in both, be it that only a part of it was put in.
 */
export function isEnough(
  piece: string,
  before: { readonly text: Text; readonly from: Position },
  after: { readonly text: Text; readonly to: Position },
): boolean {
  if (piece.length >= RETURNED_CHARACTERS) return true;
  const parts = piece.split('\n');
  let whole = 0;
  for (const [index, part] of parts.entries()) {
    const isTouched =
      part !== '' ||
      (index === 0 ? before.from.character === 0 && parts.length > 1 : index < parts.length - 1);
    const then = before.text.line(before.from.line + index);
    if (isTouched && then === after.text.line(after.to.line + index)) whole++;
  }
  return whole >= RETURNED_LINES;
}

/**
 * The spans of what was sent, as they are in the changes that it was committed with: changes that touch
 * were joined, and one may have moved, or may be gone where somebody else made it, too.
 */
export function movedReturns(
  returned: readonly ReturnedText[],
  sent: Changes,
  committed: Changes,
): readonly ReturnedText[] {
  const joined = joinedReturns(returned, sent);
  const changes = normalizeChanges(sent);
  // What is left of them is in order, each with its text.
  const places = new Map<number, number>();
  let at = 0;
  for (const [index, { text }] of changes.entries()) {
    const found = committed.findIndex((change, other) => other >= at && change.text === text);
    if (found < 0) continue;
    places.set(index, found);
    at = found + 1;
  }
  return joined.flatMap((span) => {
    const change = places.get(span.change);
    return change === undefined ? [] : [{ ...span, change }];
  });
}

/**
 * Pieces that follow each other, in the changes and where they come from, as one; without those that are
 * too little to have come back. `returned` in order.
 */
export function joinedPieces(
  returned: readonly ReturnedText[],
  changes: Changes,
): readonly ReturnedText[] {
  const joined: ReturnedText[] = [];
  for (const piece of returned) {
    const last = joined.at(-1);
    if (last && follows(last, piece, changes)) {
      joined[joined.length - 1] = { ...last, length: last.length + piece.length };
    } else {
      joined.push(piece);
    }
  }
  return joined.filter((piece) => mayReturn(textOf(piece, changes[piece.change]!)));
}

function follows(last: ReturnedText, piece: ReturnedText, changes: Changes): boolean {
  const isBehind = last.change === piece.change && last.at + last.length === piece.at;
  if (!isBehind || last.version !== piece.version) return false;
  const end = endOfInserted(fromOf(last), textOf(last, changes[last.change]!));
  return comparePositions(end, fromOf(piece)) === 0;
}

/** Lines of a change's text that are those of a version; each with its line end, but for the last one of a text. */
export interface ReturnedLines {
  readonly change: number;
  readonly line: number;
  readonly lines: number;
  readonly version: number;
  readonly fromLine: number;
}

/** The same as pieces of text. */
export function piecesOfLines(
  returned: readonly ReturnedLines[],
  changes: Changes,
): readonly ReturnedText[] {
  return returned.flatMap(({ change, line, lines, version, fromLine }) => {
    const text = changes[change]?.text;
    if (text === undefined) return [];
    const at = lineStart(text, line);
    const length = lineStart(text, line + lines) - at;
    return length > 0 ? [{ change, at, length, version, fromLine, fromCharacter: 0 }] : [];
  });
}

/** Where a line of a text begins, or the text's end where it has no such line. */
function lineStart(text: string, line: number): number {
  let at = 0;
  for (let count = 0; count < line && at < text.length; count++) {
    const end = text.indexOf('\n', at);
    at = end < 0 ? text.length : end + 1;
  }
  return at;
}

/** Spans of changes, as they are in the normal form of those. */
function joinedReturns(returned: readonly ReturnedText[], sent: Changes): readonly ReturnedText[] {
  const places: { readonly change: number; readonly at: number }[] = [];
  let count = 0;
  let length = 0;
  let last: Change | undefined;
  for (const change of sent) {
    const isJoined =
      last && comparePositions(endOf(last), startOf(change)) === 0 && !isEmptyChange(change);
    if (!isJoined && !isEmptyChange(change)) {
      count += 1;
      length = 0;
    }
    places.push({ change: count - 1, at: length });
    if (isEmptyChange(change)) continue;
    length += change.text.length;
    last = change;
  }
  return returned.flatMap((span) => {
    const place = places[span.change];
    return place ? [{ ...span, change: place.change, at: place.at + span.at }] : [];
  });
}
