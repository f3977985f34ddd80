import { alignLines } from './line-alignment.ts';
import type { LineHunk } from './line-hunk.ts';
import { type HunkSearch, linesIn } from './old-lines.ts';
import { allVersions } from './old-states.ts';

/** So many older versions of a hunk's lines are compared with it line by line, the newest ones. */
const MOST_VERSIONS = 12;
/** What is longer was compared line by line before, or differs in too much. */
const MOST_LINES = 500;

/**
 * Cuts a hunk that is no old text as a whole into pieces some of which are: by the older version that
 * has most of its lines. All pieces in order, with those that may be old told from the rest; undefined
 * where no version has any. `likely`: versions that other hunks of the write go back to.
 */
export function splitHunk(
  { past, before, after }: HunkSearch,
  hunk: LineHunk,
  likely: readonly number[],
): readonly HunkPiece[] | undefined {
  if (Math.max(hunk.to - hunk.from, hunk.newTo - hunk.newFrom) > MOST_LINES) return undefined;
  const strands = past.strands(hunk.from, hunk.to);
  const now = [...before.lines(hunk.from, hunk.to)];
  const written = [...after.lines(hunk.newFrom, hunk.newTo)];
  const newest = allVersions(past, strands).map(({ last }) => last);
  const found = new Set<string>();
  let best: readonly HunkPiece[] | undefined;
  let most = 0;
  for (const version of [...likely, ...newest].slice(0, MOST_VERSIONS)) {
    const text = past.textAt(strands, version);
    if (found.has(text)) continue;
    found.add(text);
    const old = linesIn(text);
    const pieces = piecesBy(old, now, written);
    const lines = pieces.reduce((sum, piece) => sum + (piece.mayBeOld ? sizeOf(piece) : 0), 0);
    if (lines > most) [best, most] = [pieces, lines];
  }
  return best?.map((piece) => ({
    ...piece,
    from: piece.from + hunk.from,
    to: piece.to + hunk.from,
    newFrom: piece.newFrom + hunk.newFrom,
    newTo: piece.newTo + hunk.newFrom,
  }));
}

/** Lines that give way to others, and whether those may have stood there before. */
export interface HunkPiece extends Pick<LineHunk, 'from' | 'to' | 'newFrom' | 'newTo'> {
  readonly mayBeOld: boolean;
}

function sizeOf({ from, to, newFrom, newTo }: HunkPiece): number {
  return to - from + newTo - newFrom;
}

/** What `now` has instead of lines of `old` that `written` has again. */
function piecesBy(
  old: readonly string[],
  now: readonly string[],
  written: readonly string[],
): readonly HunkPiece[] {
  const toNow = alignLines(old, now);
  const toWritten = alignLines(old, written);
  if (!toNow || !toWritten) return [];
  const pieces: HunkPiece[] = [];
  let [done, newDone] = [0, 0];
  const cut = (from: number, to: number, newFrom: number, newTo: number): void => {
    if (done < from || newDone < newFrom) {
      pieces.push({ from: done, to: from, newFrom: newDone, newTo: newFrom, mayBeOld: false });
    }
    pieces.push({ from, to, newFrom, newTo, mayBeOld: true });
    [done, newDone] = [to, newTo];
  };
  for (let start = 0, from = 0; start <= old.length;) {
    let end = start;
    while (end < old.length && toNow[end] === -1) end++;
    const to = end < old.length ? toNow[end]! : now.length;
    for (const run of runsOf(start, end, from, to)) {
      const again = linesAgain(toWritten, run.start, run.end, written.length);
      if (again) cut(run.from, run.to, again.newFrom, again.newTo);
    }
    start = end + 1;
    from = to + 1;
  }
  if (pieces.length === 0) return [];
  if (done < now.length || newDone < written.length) {
    const [to, newTo] = [now.length, written.length];
    pieces.push({ from: done, to, newFrom: newDone, newTo, mayBeOld: false });
  }
  return pieces;
}

interface Run {
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

/** Old lines that gave way to others: line by line where there are as many, else together. */
function runsOf(start: number, end: number, from: number, to: number): readonly Run[] {
  if (start === end && from === to) return [];
  if (end - start !== to - from) return [{ start, end, from, to }];
  return Array.from({ length: end - start }, (_, index) => {
    return {
      start: start + index,
      end: start + index + 1,
      from: from + index,
      to: from + index + 1,
    };
  });
}

/** Where lines of the old text stand in a row in the new one; for none, where their neighbours meet. */
function linesAgain(
  toWritten: readonly number[],
  start: number,
  end: number,
  length: number,
): { readonly newFrom: number; readonly newTo: number } | undefined {
  if (start === end) {
    const above = start === 0 ? -1 : toWritten[start - 1]!;
    const below = end === toWritten.length ? length : toWritten[end]!;
    const isMet = below === above + 1 && (start === 0 || above >= 0) && below >= 0;
    return isMet ? { newFrom: below, newTo: below } : undefined;
  }
  const newFrom = toWritten[start]!;
  if (newFrom < 0) return undefined;
  for (let line = start; line < end; line++) {
    if (toWritten[line] !== newFrom + line - start) return undefined;
  }
  return { newFrom, newTo: newFrom + end - start };
}
