import { type Change, type Changes, sameChange } from '../../core/change.ts';
import { compose } from '../../core/compose.ts';
import { overlaps } from '../../core/overlap.ts';
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
  const fresh = minimalChanges(base, kept);
  const back = minimalChanges(Text.of(left), kept);
  const later = minimalChanges(Text.of(left), now);
  return compose(fresh, rebase(later, back, 'after'));
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
