/**
 * Owns: what becomes of steps when the world did not take some of what they did (S6): what was
 * withdrawn is taken back already. Does not know: tickets, drafts, why something was withdrawn.
 */
import { type Change, type Changes, endOf, startOf } from '../core/change.ts';
import { compose } from '../core/compose.ts';
import { invert } from '../core/invert.ts';
import { shapeOfInverse } from '../core/later-overlap.ts';
import { mapPosition } from '../core/map-position.ts';
import { comparePositions } from '../core/position.ts';
import { rebase } from '../core/rebase.ts';
import { splitChanges } from '../core/split-changes.ts';
import type { Text } from '../core/text.ts';
import { trimChanges } from './minimal-changes.ts';
import { composeLog } from './changes-log.ts';
import { rebaseStep } from './rebase-step.ts';
import { addOthers, push, type StepList, type UndoStack } from './undo-stack.ts';

/** Takes in that `withdrawal`, made on `before`, took edits of the user's out of the text. */
export function withdrawSteps(stack: UndoStack, withdrawal: Changes, before: Text): UndoStack {
  if (withdrawal.length === 0) return stack;
  return {
    ...stack,
    done: withdrawFrom(stack.done, withdrawal, before),
    undone: withdrawFrom(stack.undone, withdrawal, before),
    cursors: undefined,
  };
}

/** Goes down the steps for as long as something is withdrawn that those above had not done. */
function withdrawFrom(
  list: StepList | undefined,
  withdrawal: Changes,
  text: Text,
): StepList | undefined {
  if (!list || withdrawal.length === 0) return list;
  const { step } = list;
  const since = composeLog(list.others);
  const { changes: inverse, others } = rebaseStep(step.inverse, since, text);
  const { rest, chosen } = splitWithdrawn(inverse, withdrawal, shapeOfInverse(since));
  const without = text.apply(chosen);
  const further = trimChanges(compose(invert(chosen, text), withdrawal), without);
  const left = trimChanges(rebase(rest, further, 'after'), without.apply(further));
  const lower = rebase(further, rest, 'before');
  const below = withdrawFrom(addOthers(list.below, others), lower, without.apply(rest));
  return left.length === 0 ? below : push({ ...step, inverse: left }, below);
}

/**
 * What of a step's inverse the withdrawal has done, and the rest, on top of it. The two are compared
 * where they were right after the step, which `back` leads to: others may have written in between.
 */
function splitWithdrawn(
  inverse: Changes,
  withdrawal: Changes,
  back: Changes,
): { readonly chosen: Changes; readonly rest: Changes } {
  const left = inverse.flatMap((change, index) =>
    withdrawal.some((taken) => isWithdrawn(change, taken, back)) ? [] : [index],
  );
  // The chosen of `splitChanges` are those that come second.
  const { rest, chosen } = splitChanges(inverse, left);
  return { chosen: rest, rest: chosen };
}

/**
 * What the step deleted beside what was withdrawn counts as back, too: keys that are one step may have
 * been sent in several batches, and several steps in one, and nothing must come back twice.
 */
function isWithdrawn(change: Change, taken: Change, back: Changes): boolean {
  if (change.text === '') return false;
  const [start, end, takenStart, takenEnd] = [
    mapPosition(startOf(change), back, 'before'),
    mapPosition(endOf(change), back, 'after'),
    mapPosition(startOf(taken), back, 'before'),
    mapPosition(endOf(taken), back, 'after'),
  ];
  return comparePositions(start, takenEnd) <= 0 && comparePositions(takenStart, end) <= 0;
}
