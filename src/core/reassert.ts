import { type Change, type Changes, endOf, isInsertion, replace, ResultCursor } from './change.ts';
import { changesOverlap, overlaps } from './overlap.ts';
import { comparePositions, type Position } from './position.ts';
import { rebase } from './rebase.ts';

/**
 * Moves refused changes over a committed op so that applying them puts the author's text in the
 * place of what the op wrote there: a replacement takes with it all that the op did inside its
 * range. Everything else is moved as by `rebase` with tie `after`.
 */
export function reassert(changes: Changes, committed: Changes): Changes {
  const disputed = changes.map(
    (change) => !isInsertion(change) && changesOverlap([change], committed, 'character'),
  );
  const moved = rebase(
    changes.filter((_, index) => !disputed[index]),
    committed,
    'after',
  );
  const widened = changes
    .filter((_, index) => disputed[index])
    .map((change) => replaceWithin(change, committed));
  return merge([...moved, ...widened].sort(compareStarts));
}

/**
 * Grows changes over those ranges of `claimed` that they lie in or touch, all relative to the same
 * text: a proposal that was written anew still takes the place of what the first one would have.
 */
export function growOver(changes: Changes, claimed: Changes): Changes {
  const grown = changes.map((change) => {
    let start = startPlace(change);
    let end = endOf(change);
    for (const range of claimed) {
      const isApart =
        comparePositions(endOf(range), start) < 0 || comparePositions(end, startPlace(range)) < 0;
      if (isApart || isInsertion(range)) continue;
      if (comparePositions(startPlace(range), start) < 0) start = startPlace(range);
      if (comparePositions(endOf(range), end) > 0) end = endOf(range);
    }
    return replace(start, end, change.text);
  });
  return merge(grown);
}

/** The change on what `committed` produces, its range grown over every result it overlaps. */
function replaceWithin(change: Change, committed: Changes): Change {
  const cursor = new ResultCursor();
  let start: Position | undefined;
  let end: Position | undefined;
  for (const other of committed) {
    if (comparePositions(endOf(change), startPlace(other)) <= 0) break;
    const before = cursor.at(change.startLine, change.startCharacter);
    const result = cursor.advance(other);
    if (!overlaps(change, other, 'character')) continue;
    const reachesBack = comparePositions(startPlace(other), startPlace(change)) < 0;
    start ??= reachesBack ? result.start : before;
    end = comparePositions(endOf(other), endOf(change)) > 0 ? result.end : undefined;
  }
  return replace(
    start ?? cursor.at(change.startLine, change.startCharacter),
    end ?? cursor.at(change.endLine, change.endCharacter),
    change.text,
  );
}

/** Joins changes that grew into each other. */
function merge(changes: readonly Change[]): Changes {
  const result: Change[] = [];
  for (const change of changes) {
    const last = result.at(-1);
    if (!last || comparePositions(endOf(last), startPlace(change)) < 0) {
      result.push(change);
      continue;
    }
    const end = comparePositions(endOf(last), endOf(change)) > 0 ? endOf(last) : endOf(change);
    result[result.length - 1] = replace(startPlace(last), end, last.text + change.text);
  }
  return result;
}

function startPlace(change: Change): Position {
  return { line: change.startLine, character: change.startCharacter };
}

function compareStarts(a: Change, b: Change): number {
  return comparePositions(startPlace(a), startPlace(b));
}
