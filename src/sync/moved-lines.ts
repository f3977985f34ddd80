/**
 * Owns: which line is the same in two texts where two have changed their order. Does not know: how texts are compared.
 */
import { TELLING, wordCharacters } from '../core/word-characters.ts';

/** What two texts have the same, or not, by the lengths of both. */
export type DiffRun = readonly ['same' | 'differs', { readonly old: number; readonly new: number }];

/** Whether two texts are short enough to be compared by characters. */
type MayCompare = (before: string, after: string) => boolean;

/** A line is looked for over so many runs that stay, no more. */
const MOST_KEPT_RUNS = 4;
/** So many lines are kept in place of others in one comparison, no more. */
const MOST_MOVES = 1_000;

/**
 * Lines are compared so that as many as possible stay. Where that keeps a mark of a merge, or a bracket, and lets go
 * of a line that says more than all that stays between its two places, this keeps the line: whoever moves a mark
 * past it has not written it anew. Not where what lies around it would be too long to be compared.
 */
export function keptOverMoves(
  runs: readonly DiffRun[],
  before: readonly string[],
  after: readonly string[],
  mayCompare: MayCompare,
): readonly DiffRun[] {
  const result = new Runs();
  const waiting = runs.toReversed();
  let moves = 0;
  for (let run = waiting.pop(); run; run = waiting.pop()) {
    result.push(run);
    if (run[0] === 'same' || moves === MOST_MOVES) continue;
    for (let kept = 0; kept <= MOST_KEPT_RUNS; kept++) {
      const window = result.last(2 * kept + 1);
      if (window?.[0]?.[0] !== 'differs') break;
      const instead = runsAround(window, result, before, after, mayCompare);
      if (!instead) continue;
      moves++;
      result.drop(window.length);
      // What is left around the line may hold another one.
      waiting.push(...instead.toReversed());
      break;
    }
  }
  return result.all;
}

/** Runs in order, with what they take of both texts; two of one kind are one. */
class Runs {
  readonly all: DiffRun[] = [];
  old = 0;
  fresh = 0;

  push([kind, { old, new: fresh }]: DiffRun): void {
    if (old === 0 && fresh === 0) return;
    this.old += old;
    this.fresh += fresh;
    const last = this.all.at(-1);
    if (last?.[0] !== kind) this.all.push([kind, { old, new: fresh }]);
    else this.all.splice(-1, 1, [kind, { old: last[1].old + old, new: last[1].new + fresh }]);
  }

  /** Undefined where there are fewer. */
  last(count: number): readonly DiffRun[] | undefined {
    return this.all.length < count ? undefined : this.all.slice(-count);
  }

  drop(count: number): void {
    for (const [, { old, new: fresh }] of this.all.splice(-count, count)) {
      this.old -= old;
      this.fresh -= fresh;
    }
  }
}

/** Some lines of a text: those from `from` on, less than `to`. */
interface Lines {
  readonly from: number;
  readonly to: number;
}

/** Where the same lines stand in both texts. */
interface Block {
  readonly old: number;
  readonly fresh: number;
  readonly length: number;
}

/**
 * What `window`, which ends at `end`, takes of both texts, with the lines as what stays that moved past all that it
 * keeps now; undefined where none of them say more than that.
 */
function runsAround(
  window: readonly DiffRun[],
  end: { readonly old: number; readonly fresh: number },
  before: readonly string[],
  after: readonly string[],
  mayCompare: MayCompare,
): readonly DiffRun[] | undefined {
  const all = sumOf(window);
  const start = { old: end.old - all.old, fresh: end.fresh - all.new };
  const [first, last] = [window[0]![1], window.at(-1)![1]];
  const movedUp = blockOf(before, { from: end.old - last.old, to: end.old }, after, {
    from: start.fresh,
    to: start.fresh + first.new,
  });
  const movedDown = blockOf(before, { from: start.old, to: start.old + first.old }, after, {
    from: end.fresh - last.new,
    to: end.fresh,
  });
  const [up, down] = [movedUp, movedDown].map((block) => wordsOf(before, block));
  const [block, words] = up! >= down! ? [movedUp, up!] : [movedDown, down!];
  let line = start.old;
  let keptWords = 0;
  for (const [kind, run] of window) {
    if (kind === 'same') keptWords += wordCharacters(before.slice(line, line + run.old).join(''));
    line += run.old;
  }
  if (!block || words < TELLING || words <= keptWords) return undefined;
  const [oldEnd, freshEnd] = [block.old + block.length, block.fresh + block.length];
  const isShort =
    mayCompare(
      before.slice(start.old, block.old).join(''),
      after.slice(start.fresh, block.fresh).join(''),
    ) &&
    mayCompare(before.slice(oldEnd, end.old).join(''), after.slice(freshEnd, end.fresh).join(''));
  if (!isShort) return undefined;
  return [
    ['differs', { old: block.old - start.old, new: block.fresh - start.fresh }],
    ['same', { old: block.length, new: block.length }],
    ['differs', { old: end.old - oldEnd, new: end.fresh - freshEnd }],
  ];
}

/** Of the lines that stand in both, one below the other, those that say most. */
function blockOf(
  before: readonly string[],
  old: Lines,
  after: readonly string[],
  fresh: Lines,
): Block | undefined {
  const places = new Map<string, number>();
  for (let at = fresh.to - 1; at >= fresh.from; at--) places.set(after[at]!, at);
  let best: Block | undefined;
  let most = 0;
  for (let at = old.from; at < old.to;) {
    const place = places.get(before[at]!);
    const length =
      place === undefined
        ? 0
        : lengthOfSame(before, { ...old, from: at }, after, { ...fresh, from: place });
    if (place !== undefined) {
      const block = { old: at, fresh: place, length };
      const words = wordsOf(before, block);
      if (words > most) [best, most] = [block, words];
    }
    at += Math.max(1, length);
  }
  return best;
}

/** How many lines are the same from the beginning of both parts on. */
function lengthOfSame(
  before: readonly string[],
  old: Lines,
  after: readonly string[],
  fresh: Lines,
): number {
  const most = Math.min(old.to - old.from, fresh.to - fresh.from);
  let length = 0;
  while (length < most && before[old.from + length] === after[fresh.from + length]) length++;
  return length;
}

function wordsOf(before: readonly string[], block: Block | undefined): number {
  if (!block) return 0;
  return wordCharacters(before.slice(block.old, block.old + block.length).join(''));
}

function sumOf(runs: readonly DiffRun[]): DiffRun[1] {
  const sum = { old: 0, new: 0 };
  for (const [, run] of runs) {
    sum.old += run.old;
    sum.new += run.new;
  }
  return sum;
}
