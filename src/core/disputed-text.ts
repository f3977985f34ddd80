import { type Change, type Changes, endOf, isInsertion, replace, resultRanges } from './change.ts';
import { mapPosition } from './map-position.ts';
import { overlaps } from './overlap.ts';
import { comparePositions, type Position } from './position.ts';
import { growOver, reassert } from './reassert.ts';

/** Refused changes on their way over what was committed. */
export interface Disputed {
  readonly changes: Changes;
  /** Ends of changes at which what others wrote ends, too: they may be about to write on. */
  readonly theirEnds: readonly Position[];
}

/**
 * `reassert` over one committed op after the other. Who types a word over another writes it in many
 * ops, only the first of which overlaps; so what is inserted right behind disputed text of others
 * belongs to it, too, up to the first white space.
 */
export function reassertAll(disputed: Disputed, committed: readonly Changes[]): Changes {
  return committed.reduce(reassertOne, disputed).changes;
}

/** Where changes end that take the place of `headText` now, in place of `baseText` at first. */
export function theirEndsIn(changes: Changes, baseText: string, headText: string): Position[] {
  const last = changes.at(-1);
  if (!last || baseText === '' || baseText.at(-1) === headText.at(-1)) return [];
  return [endOf(last)];
}

function reassertOne({ changes, theirEnds }: Disputed, committed: Changes): Disputed {
  const results = resultRanges(committed);
  const continued = results.filter((_, index) => isContinuation(committed[index]!, theirEnds));
  const moved = growOver(
    reassert(changes, committed),
    continued.map(({ start, end }) => replace(start, end, '')),
  );
  const written = results.filter((_, index) => reachesAnEnd(committed[index]!, changes));
  const ends = [
    ...[...written, ...continued].map(({ end }) => end),
    ...theirEnds.map((end) => mapPosition(end, committed, 'before')),
  ];
  const theirs = moved
    .map(endOf)
    .filter((end) => ends.some((each) => comparePositions(each, end) === 0));
  return { changes: moved, theirEnds: theirs };
}

function isContinuation(change: Change, theirEnds: readonly Position[]): boolean {
  if (!isInsertion(change) || /\s/.test(change.text)) return false;
  return theirEnds.some((end) => comparePositions(end, endOf(change)) === 0);
}

/** True when the change took away, or replaced, the end of one of the refused ones. */
function reachesAnEnd(change: Change, refused: Changes): boolean {
  return refused.some(
    (each) =>
      !isInsertion(each) &&
      overlaps(each, change, 'character') &&
      comparePositions(endOf(change), endOf(each)) >= 0,
  );
}
