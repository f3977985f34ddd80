import { type Change, type Changes, endOf, sameChange, startOf } from '../../core/change.ts';
import { compose } from '../../core/compose.ts';
import { overlaps } from '../../core/overlap.ts';
import { comparePositions } from '../../core/position.ts';
import { rebase } from '../../core/rebase.ts';
import { Text } from '../../core/text.ts';
import { minimalChanges } from '../../sync/minimal-changes.ts';

/** A text that a tool left, part of which is old. */
export interface LeftText {
  /** What was there before. */
  readonly base: Text;
  /** The base with what the tool wrote that is new. */
  readonly kept: string;
  /** What the tool left: the same, and what it put back. */
  readonly left: string;
}

/**
 * What of a text on disk is new: the tool's own hunks, and what was written since on top of the text
 * that it left. As changes of the base, without what the tool put back.
 */
export function keptEdits({ base, kept, left }: LeftText, now: string): Changes {
  return compose(minimalChanges(base, kept), newSince({ kept, left }, now));
}

/**
 * What was written on top of what the tool left, as changes of the text without what it put back. Text that
 * stands there anyway, and that somebody has brought back since, is nothing new.
 */
export function newSince({ kept, left }: Pick<LeftText, 'kept' | 'left'>, now: string): Changes {
  const text = Text.of(kept);
  const old = minimalChanges(text, left);
  const fresh: Change[] = [];
  for (const change of minimalChanges(text, now)) {
    if (old.some((each) => isStill(change, each))) continue;
    // What was written in the old text itself is neither: it is moved over to what gives way to that.
    if (old.some((each) => touches(each, change))) return movedOver({ kept, left }, now);
    fresh.push(change);
  }
  return fresh;
}

function movedOver({ kept, left }: Pick<LeftText, 'kept' | 'left'>, now: string): Changes {
  const text = Text.of(left);
  return rebase(minimalChanges(text, now), minimalChanges(text, kept), 'after');
}

/** True for what the tool did, or a part of what it took out. */
function isStill(change: Change, old: Change): boolean {
  if (sameChange(change, old)) return true;
  if (change.text !== '' || old.text !== '') return false;
  const isFrom = comparePositions(startOf(old), startOf(change)) <= 0;
  return isFrom && comparePositions(endOf(change), endOf(old)) <= 0;
}

/** True while some of what the tool put back is still there, also if somebody has written in it since. */
export function isStillOld({ kept, left }: LeftText, now: string): boolean {
  const text = Text.of(kept);
  const old = minimalChanges(text, left);
  const changes = minimalChanges(text, now);
  return old.some((each) => changes.some((change) => touches(each, change)));
}

function touches(a: Change, b: Change): boolean {
  return sameChange(a, b) || overlaps(a, b, 'line') || startsWhere(a, b);
}

/** Two different texts put in at one place: each of them may be the other, edited. */
function startsWhere(a: Change, b: Change): boolean {
  return a.startLine === b.startLine && a.startCharacter === b.startCharacter;
}
