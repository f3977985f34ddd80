/**
 * Owns: moving what takes a step back over what others did since, so that it takes back what is left
 * of the step and nothing of theirs. Does not know: stacks, documents.
 */
import {
  areOrdered,
  type Change,
  type Changes,
  endOf,
  isInsertion,
  normalizeChanges,
  replace,
  ResultCursor,
  startOf,
} from '../core/change.ts';
import { mapPosition } from '../core/map-position.ts';
import { comparePositions, type Position } from '../core/position.ts';
import { rebase } from '../core/rebase.ts';
import { Text } from '../core/text.ts';
import { minimalChanges } from './minimal-changes.ts';

/** Both sides after they have passed each other. */
export interface PassedStep {
  /** What takes the step back, relative to the text with all that others did. */
  readonly changes: Changes;
  /** What others did, as if the step had not been: relative to the text before it. */
  readonly others: Changes;
}

/**
 * Moves `inverse`, which takes a step back, over `others`, both made on the text after the step;
 * `text` is what `others` made of it. Text that the step deleted and that others have put back since
 * is not put there a second time, and is theirs from then on. What comes back stands before what others
 * wrote at its place: behind it was the user's own later text, whose place that was, and others wrote behind that.
 */
export function rebaseStep(inverse: Changes, others: Changes, text: Text): PassedStep {
  if (inverse.length === 0 || others.length === 0) return { changes: inverse, others };
  const pairs = putBack(inverse, others, text);
  if (pairs.length === 0) return passed(inverse, others);
  const done = new Set(pairs.map(([mine]) => mine));
  const theirs = new Set(pairs.map(([, other]) => other));
  const left = inverse.filter((_, index) => !done.has(index));
  const apart = others.filter((_, index) => !theirs.has(index));
  const changes = rebase(left, others, 'before');
  const moved = mergeSorted(rebase(apart, inverse, 'after'), replacements(pairs, inverse, others));
  return moved ? { changes, others: moved } : passed(inverse, others);
}

function passed(inverse: Changes, others: Changes): PassedStep {
  return { changes: rebase(inverse, others, 'before'), others: rebase(others, inverse, 'after') };
}

/** Indexes in `inverse` and `others` of a change of mine and the one of theirs that did the same. */
type Pair = readonly [number, number];

function putBack(inverse: Changes, others: Changes, text: Text): readonly Pair[] {
  const pairs: Pair[] = [];
  let next = 0;
  for (const [at, other] of others.entries()) {
    while (next < inverse.length && isBefore(inverse[next]!, other)) next++;
    const isSame = (mine: Change): boolean =>
      mine.text !== '' && (hasPutBack(mine, other) || isSameTurned(mine, other, others, text));
    for (let index = next; index < inverse.length && !isBefore(other, inverse[index]!); index++) {
      if (!isSame(inverse[index]!)) continue;
      pairs.push([index, at]);
      next = index + 1;
      break;
    }
  }
  return pairs;
}

/** True when the change ends so far before the other that the two cannot be about the same text. */
function isBefore(change: Change, other: Change): boolean {
  return comparePositions(endOf(change), startOf(other)) < 0 && !canBeTurned(change, other);
}

/** The same insertion may be said with its ends turned, at most as far off as it is long. */
function canBeTurned(one: Change, other: Change): boolean {
  return (
    isInsertion(one) &&
    isInsertion(other) &&
    one.text.length === other.text.length &&
    Math.abs(one.startLine - other.startLine) <= one.text.length
  );
}

/** True when the other stands where mine would, and has its text in it. */
function hasPutBack(mine: Change, other: Change): boolean {
  return (
    comparePositions(startOf(other), startOf(mine)) <= 0 &&
    comparePositions(endOf(mine), endOf(other)) <= 0 &&
    hasInIt(other.text, mine.text)
  );
}

/** From so many characters on it is no chance that they are part of what somebody put there. */
const MIN_TELLING = 3;
/** From so many on, so much of them tells too: somebody put the text back and went on with it. */
const MIN_ALIKE = 24;
const ALIKE_PART = 2 / 3;

function hasInIt(text: string, part: string): boolean {
  if (text === part) return true;
  const at = text.indexOf(part);
  if (at < 0) return part.length >= MIN_ALIKE && isMostlyIn(text, part);
  if (part.trim().length >= MIN_TELLING) return true;
  // A letter or two are the same text only as a word of their own.
  return (
    !isInsideWord(text, part, at - 1, at) &&
    !isInsideWord(text, part, at + part.length - 1, at + part.length)
  );
}

function isMostlyIn(text: string, part: string): boolean {
  const base = Text.of(part);
  const gone = minimalChanges(base, text, 'characters').reduce(
    (sum, change) => sum + base.slice(startOf(change), endOf(change)).length,
    0,
  );
  return part.length - gone >= part.length * ALIKE_PART;
}

function isInsideWord(text: string, part: string, before: number, after: number): boolean {
  return part.trim() === '' || (isWord(text[before]) && isWord(text[after]));
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}

/** `ab` in front of `a` makes the same text as `ba` behind it. */
function isSameTurned(mine: Change, other: Change, others: Changes, text: Text): boolean {
  if (!canBeTurned(mine, other)) return false;
  const [from, to] = [startOf(mine), startOf(other)];
  if (comparePositions(from, to) < 0) {
    const start = mapPosition(from, others, 'after');
    const between = sliceUpTo(text, start, mapPosition(to, others, 'before'), mine.text.length);
    return between !== undefined && mine.text + between === between + other.text;
  }
  const start = mapPosition(to, others, 'after');
  const between = sliceUpTo(text, start, mapPosition(from, others, 'before'), mine.text.length);
  return between !== undefined && other.text + between === between + mine.text;
}

/** The text from `start` to `end`; undefined where that is more than `most`. */
function sliceUpTo(text: Text, start: Position, end: Position, most: number): string | undefined {
  if (comparePositions(start, end) > 0 || end.line - start.line > most) return undefined;
  const found = text.slice(start, end);
  return found.length <= most ? found : undefined;
}

/** What others put back takes the place of what the step deleted: on the text before the step. */
function replacements(
  pairs: readonly Pair[],
  inverse: Changes,
  others: Changes,
): readonly Change[] {
  const ranges = resultsOf(inverse);
  return pairs.map(([index, at]) => {
    const [mine, other] = [inverse[index]!, others[at]!];
    const { start, end } = ranges[index]!;
    if (isInsertion(other) && mine.text.length === other.text.length) {
      return replace(start, end, mine.text);
    }
    return replace(
      placeOutside(startOf(other), inverse, 'start'),
      placeOutside(endOf(other), inverse, 'end'),
      other.text,
    );
  });
}

function resultsOf(
  inverse: Changes,
): readonly { readonly start: Position; readonly end: Position }[] {
  const cursor = new ResultCursor();
  return inverse.map((change) => cursor.advance(change));
}

/** Where a border of a range lies in the result of `changes`, with all that they put inside it. */
function placeOutside(border: Position, changes: Changes, side: 'start' | 'end'): Position {
  const cursor = new ResultCursor();
  for (const change of changes) {
    const toStart = comparePositions(border, startOf(change));
    if (toStart < 0 || (toStart === 0 && side === 'start')) break;
    const result = cursor.advance(change);
    if (comparePositions(border, endOf(change)) < 0) {
      return side === 'start' ? result.start : result.end;
    }
  }
  return cursor.place(border);
}

/** Undefined where the two get into each other's way. */
function mergeSorted(a: Changes, b: readonly Change[]): Changes | undefined {
  const all = [...a, ...b].toSorted((x, y) => comparePositions(startOf(x), startOf(y)));
  return areOrdered(all) ? normalizeChanges(all) : undefined;
}
