import { type Changes, sameChange } from './change.ts';
import { type LineReach, sideOfReach } from './line-reach.ts';
import type { Intent } from './op.ts';
import { changesOverlap, overlaps, type OverlapTest, shareLines } from './overlap.ts';
import { moveByLines, rebase } from './rebase.ts';
import { sharedCount } from './sorted-changes.ts';
import { crossingUnits, type Meter } from './work.ts';

/** What a world does with concurrent edits; `docs/conflicts.md` has the table. */
export type PolicyMode = 'strict' | 'line' | 'auto' | 'last_write_wins';

export const POLICY_MODES: readonly PolicyMode[] = ['strict', 'line', 'auto', 'last_write_wins'];

/** A committed op between somebody's base and the head. */
export interface CommittedChanges {
  readonly opSeq: number;
  readonly changes: Changes;
}

/** An op to be judged, relative to its base. */
export interface JudgedOp {
  readonly changes: Changes;
  readonly intent: Intent;
  /** Overlaps that the author's side found when it moved the op before sending it. */
  readonly declaredOverlaps: readonly number[];
}

export type Verdict =
  | { readonly tag: 'apply'; readonly changes: Changes; readonly overwrote: readonly number[] }
  | {
      readonly tag: 'ticket';
      readonly reason: 'overlap' | 'concurrent';
      /** The proposed changes on the head, should somebody decide to apply them. */
      readonly changes: Changes;
      readonly overlapping: readonly number[];
    };

/**
 * Decides over an op by the world's policy, moving it over `between` one op at a time. The author's
 * side and the server call the same function, so that a prediction fails only for lack of news.
 * `reach` is that of `between`, from whoever judges many ops over the same: it only saves time. The work
 * is counted by `meter`.
 */
export function judge(
  op: JudgedOp,
  between: readonly CommittedChanges[],
  policy: PolicyMode,
  reach?: LineReach,
  meter?: Meter,
): Verdict {
  const found = new Set(op.declaredOverlaps);
  const changes =
    (reach && movedAtOnce(op.changes, reach)) ?? movedOneByOne(op, between, policy, found, meter);
  const overlapping = [...found].sort((a, b) => a - b);
  if (policy === 'last_write_wins') return { tag: 'apply', changes, overwrote: overlapping };
  if (overlapping.length > 0) return { tag: 'ticket', reason: 'overlap', changes, overlapping };
  const isConcurrent = between.length > 0 && op.changes.length > 0;
  if (policy === 'strict' && isConcurrent) {
    const others = between.map((other) => other.opSeq);
    return { tag: 'ticket', reason: 'concurrent', changes, overlapping: others };
  }
  return { tag: 'apply', changes, overwrote: [] };
}

/** Where all the others are on one side, none overlaps, and lines are all there is to count. */
function movedAtOnce(changes: Changes, reach: LineReach): Changes | undefined {
  const side = sideOfReach(changes, reach);
  return side && moveByLines(changes, side === 'below' ? reach.lineDelta : 0);
}

/** Adds the numbers of those that the op overlaps to `found`. */
function movedOneByOne(
  op: JudgedOp,
  between: readonly CommittedChanges[],
  policy: PolicyMode,
  found: Set<number>,
  meter: Meter | undefined,
): Changes {
  const test = overlapTest(policy, op.intent);
  let changes = op.changes;
  for (const other of between) {
    meter?.spend(crossingOf(changes, other.changes));
    if (changesOverlap(changes, other.changes, test)) found.add(other.opSeq);
    changes = rebase(changes, other.changes, 'after');
  }
  return changes;
}

/** What it costs to move changes over others. */
export function crossingOf(changes: Changes, others: Changes): number {
  return crossingUnits(changes.length, others.length, sharedCount(changes, others));
}

const NONE: readonly number[] = [];

/** By which test a policy compares an op with those it meets. */
export function overlapTest(policy: PolicyMode, intent: Intent): OverlapTest {
  switch (policy) {
    case 'strict':
    case 'line':
      return 'line';
    case 'auto':
      return intent === 'patch' ? 'line' : 'character';
    case 'last_write_wins':
      return 'character';
  }
}

/**
 * The indexes of those changes that must be sent apart as overlapping when the author's side moves
 * them over a committed op: under `strict` all, otherwise those that overlap.
 */
export function contestedIndexes(
  changes: Changes,
  committed: Changes,
  policy: PolicyMode,
  intent: Intent,
): readonly number[] {
  if (policy !== 'strict' && !shareLines(changes, committed)) return NONE;
  const test = overlapTest(policy, intent);
  const indexes: number[] = [];
  changes.forEach((change, index) => {
    const twin = committed.some((other) => sameChange(change, other));
    const contested = policy === 'strict' || committed.some((o) => overlaps(change, o, test));
    if (contested && !twin) indexes.push(index);
  });
  return indexes;
}
