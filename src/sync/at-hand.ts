/**
 * Owns: which changes of a document can have come from the keys, by where they are. Does not know: VS Code's
 * objects, documents.
 */
import { type Changes, endOf, startOf } from '../core/change.ts';
import { comparePositions, distance, type Position } from '../core/position.ts';

export interface PlaceRange {
  readonly start: Position;
  readonly end: Position;
}

/** One change as the editor tells of it: what it replaces, in the text before, and by what. */
export interface ToldChange {
  readonly range: PlaceRange;
  readonly text: string;
}

/**
 * True where one of the changes replaces just what was selected, as typing and pasting do, or is within one
 * line at a cursor, as deleting and completing are. Costs the number of changes times that of cursors, up to a
 * bound behind which it is true.
 */
export function isAtHand(
  changes: readonly ToldChange[],
  selections: readonly PlaceRange[],
): boolean {
  if (changes.length * selections.length > MOST_COMPARED) return true;
  return changes.some(({ range }) =>
    selections.some(
      (selection) => isSame(range, selection) || (isInOneLine(range) && touches(range, selection)),
    ),
  );
}

/** Many cursors are a person's. */
const MOST_COMPARED = 4_096;

/**
 * Indexes of the changes that touch no line of a cursor: the editor may tell of a cursor later than of the text. Costs
 * about as much as there are changes and cursors together.
 */
export function indexesAway(
  changes: Changes,
  selections: readonly PlaceRange[],
): readonly number[] {
  const hands = joinedLines(selections);
  let next = 0;
  return changes.flatMap((change, index) => {
    while (next < hands.length && hands[next]!.last < startOf(change).line) next++;
    const hand = hands[next];
    return hand && hand.first <= endOf(change).line ? [] : [index];
  });
}

interface Lines {
  readonly first: number;
  readonly last: number;
}

/** The lines of the selections, in order, none of them twice. */
function joinedLines(selections: readonly PlaceRange[]): readonly Lines[] {
  const sorted = selections
    .map(({ start, end }) => ({ first: start.line, last: end.line }))
    .sort((a, b) => a.first - b.first);
  const joined: Lines[] = [];
  for (const { first, last } of sorted) {
    const before = joined.at(-1);
    if (!before || before.last < first) joined.push({ first, last });
    else joined[joined.length - 1] = { first: before.first, last: Math.max(before.last, last) };
  }
  return joined;
}

/** True for a change that puts another text in the place of all that a document had, of which it was not all selected. */
export function replacesAll(
  changes: readonly ToldChange[],
  { start, end }: PlaceRange,
  selections: readonly PlaceRange[],
): boolean {
  const [change, ...others] = changes;
  if (change === undefined || others.length > 0) return false;
  const all = { start, end };
  return isSame(change.range, all) && !selections.some((each) => isSame(each, all));
}

/** True where both lists put the same texts in, in whatever order and at whatever places. */
export function haveSameTexts(a: readonly ToldChange[], b: readonly ToldChange[]): boolean {
  if (a.length !== b.length) return false;
  const others = b.map(shapeOf).sort();
  return a
    .map(shapeOf)
    .sort()
    .every((shape, index) => shape === others[index]);
}

function shapeOf({ range: { start, end }, text }: ToldChange): string {
  const { line, character } = distance(start, end);
  return `${line} ${character} ${text}`;
}

function isSame(a: PlaceRange, b: PlaceRange): boolean {
  return comparePositions(a.start, b.start) === 0 && comparePositions(a.end, b.end) === 0;
}

function isInOneLine({ start, end }: PlaceRange): boolean {
  return start.line === end.line;
}

function touches(a: PlaceRange, b: PlaceRange): boolean {
  return comparePositions(a.start, b.end) <= 0 && comparePositions(b.start, a.end) <= 0;
}
