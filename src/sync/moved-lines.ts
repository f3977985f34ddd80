/**
 * Owns: which line is the same in two texts where two have changed their order. Does not know: how texts are compared.
 */
import { wordCharacters } from '../core/word-characters.ts';

/** What two texts have the same, or not, by the lengths of both. */
export type DiffRun = readonly ['same' | 'differs', { readonly old: number; readonly new: number }];

/**
 * Joins two runs of lines past which a line moved that says more than all that stays between them, so that the
 * comparison inside finds that line in its place: a line that somebody wrote is not written anew because a mark of a
 * merge, or a bracket, is on its other side now. Not where the joined run is too long to be compared.
 */
export function joinedOverMoves(
  runs: readonly DiffRun[],
  before: readonly string[],
  after: readonly string[],
  mayCompare: (before: string, after: string) => boolean,
): readonly DiffRun[] {
  const joined: DiffRun[] = [];
  let [old, fresh] = [0, 0];
  for (const run of runs) {
    const [first, kept] = [joined.at(-2), joined.at(-1)];
    const isBetween = run[0] === 'differs' && first !== undefined && kept !== undefined;
    const parts = isBetween ? ([first, kept, run] as const) : undefined;
    const lines = parts && linesOfRuns(parts, before, after, { old, fresh });
    if (
      parts &&
      lines &&
      isMovePast(lines) &&
      mayCompare(joinedText(lines.gone, lines.kept), joinedText(lines.come, lines.kept))
    ) {
      joined.splice(-2, 2, ['differs', sumOf(parts)]);
    } else {
      joined.push(run);
    }
    old += run[1].old;
    fresh += run[1].new;
  }
  return joined;
}

/** Two runs that differ and the lines between them. */
interface RunLines {
  readonly gone: readonly [readonly string[], readonly string[]];
  readonly come: readonly [readonly string[], readonly string[]];
  readonly kept: readonly string[];
}

/** `at`: where the last of the runs begins. */
function linesOfRuns(
  [first, kept, last]: readonly [DiffRun, DiffRun, DiffRun],
  before: readonly string[],
  after: readonly string[],
  at: { readonly old: number; readonly fresh: number },
): RunLines {
  const [oldKept, newKept] = [at.old - kept[1].old, at.fresh - kept[1].new];
  return {
    gone: [
      before.slice(oldKept - first[1].old, oldKept),
      before.slice(at.old, at.old + last[1].old),
    ],
    come: [
      after.slice(newKept - first[1].new, newKept),
      after.slice(at.fresh, at.fresh + last[1].new),
    ],
    kept: before.slice(oldKept, at.old),
  };
}

function isMovePast({ gone, come, kept }: RunLines): boolean {
  const moved = [...sharedLines(gone[0], come[1]), ...sharedLines(gone[1], come[0])];
  if (moved.length === 0) return false;
  const stays = kept.join('');
  const most = moved.reduce((words, line) => Math.max(words, wordCharacters(line)), 0);
  return most > wordCharacters(stays);
}

/** A text of two runs with what is between them. */
function joinedText([above, below]: RunLines['gone'], kept: readonly string[]): string {
  return [...above, ...kept, ...below].join('');
}

function sharedLines(some: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others);
  return some.filter((line) => known.has(line));
}

function sumOf(runs: readonly DiffRun[]): DiffRun[1] {
  const sum = { old: 0, new: 0 };
  for (const [, run] of runs) {
    sum.old += run.old;
    sum.new += run.new;
  }
  return sum;
}
