/**
 * Owns: what one person did to one document in one window and can take back (S7): steps that hold
 * their inverse, and what others did since, which a step is moved over only when it is taken back.
 * Does not know: editors, files, windows, or how a step gets into the text.
 *
 * All changes are relative to the text that editor and world are on their way to, so that what is
 * under way in either direction makes no difference.
 */
import { type Changes, isInsertion } from '../core/change.ts';
import { compose } from '../core/compose.ts';
import { invert } from '../core/invert.ts';
import { type Bias, mapPosition } from '../core/map-position.ts';
import type { Position } from '../core/position.ts';
import type { ReturnedText } from '../core/returned-text.ts';
import type { Text } from '../core/text.ts';
import { trimChanges } from './minimal-changes.ts';
import { type ChangesLog, composeLog, logChanges, sizeOf } from './changes-log.ts';
import { type LostText, returnedIn } from './lost-text.ts';
import { rebaseStep } from './rebase-step.ts';
import { continues, moveRun, runOf, type TypingRun } from './typing-run.ts';

/** Where cursors are, the main one first. */
export type Cursors = readonly { readonly anchor: Position; readonly active: Position }[];

export type UndoKind = 'undo' | 'redo';

export interface UndoStep {
  /** Kept when the step is taken back and made again. */
  readonly stepId: number;
  /** What takes the step back, relative to the text right after it. */
  readonly inverse: Changes;
  /** Where the cursors were in the text that `inverse` leads to. */
  readonly cursors: Cursors | undefined;
  /** Where they were right after the step, for when it is made again. */
  readonly cursorsAfter: Cursors | undefined;
  readonly run: TypingRun | undefined;
  /** Where long text stood in the world that the step deleted. */
  readonly lost: readonly LostText[];
}

/** Steps, the last one first. */
export interface StepList {
  readonly step: UndoStep;
  /** What others did on top of the step, before the next one or until now. */
  readonly others: ChangesLog | undefined;
  readonly below: StepList | undefined;
  readonly size: number;
}

export interface UndoStack {
  readonly done: StepList | undefined;
  readonly undone: StepList | undefined;
  readonly nextStepId: number;
  /** Where the cursors belong after the last step that was taken back or made again. */
  readonly cursors: Cursors | undefined;
}

export const EMPTY_STACK: UndoStack = {
  done: undefined,
  undone: undefined,
  nextStepId: 1,
  cursors: undefined,
};

/** About so many bytes are kept of a document; beyond it the oldest half is forgotten. */
export const MAX_STACK_SIZE = 32 * 1024 * 1024;
/** About so many bytes a step takes beside its inverse. */
const STEP_SIZE = 512;

/** True once the user has done anything, taken back or not. */
export function hasHadSteps({ nextStepId }: UndoStack): boolean {
  return nextStepId > EMPTY_STACK.nextStepId;
}

/** Takes in what the user did to `before`; `lostBy` tells where text stood that an inverse puts back. */
export function recordOwn(
  stack: UndoStack,
  made: Changes,
  before: Text,
  lostBy: (inverse: Changes) => readonly LostText[] = () => [],
): UndoStack {
  const changes = trimChanges(made, before);
  if (changes.length === 0) return stack;
  const last = stack.done;
  const lastRun = moveRun(last?.step.run, last ? composeLog(last.others) : []);
  const run = runOf(changes, lastRun);
  const inverse = invert(changes, before);
  const step: UndoStep = {
    stepId: stack.nextStepId,
    inverse,
    cursors: undefined,
    cursorsAfter: undefined,
    run,
    lost: lostBy(inverse),
  };
  const isMore = lastRun !== undefined && run !== undefined && continues(lastRun, run, changes);
  const pushed = push(step, last);
  return {
    ...stack,
    done: bounded(isMore ? joinTop(pushed, before) : pushed),
    undone: undefined,
    nextStepId: stack.nextStepId + 1,
    cursors: undefined,
  };
}

/** Takes in what somebody else did to `before`, which is asked for only where it is needed. */
export function recordOthers(stack: UndoStack, made: Changes, before: () => Text): UndoStack {
  if (made.length === 0) return stack;
  if (!stack.done && !stack.undone && !stack.cursors) return stack;
  // What an op replaces by the same is not its author's. Most ops only put in or take out.
  const isReplacing = made.some((change) => change.text !== '' && !isInsertion(change));
  const changes = isReplacing ? trimChanges(made, before()) : made;
  return {
    ...stack,
    done: boundedOrNone(addOthers(stack.done, changes)),
    undone: boundedOrNone(addOthers(stack.undone, changes)),
    cursors: moveCursors(stack.cursors, changes, 'before'),
  };
}

/** Makes one step of the last two, for what one command did in several edits. */
export function joinLastSteps(stack: UndoStack): UndoStack {
  if (!stack.done?.below) return stack;
  return { ...stack, done: joinTop(stack.done) };
}

/**
 * Makes one step of what one event did in two edits: `first` is `before` with the one, `stack` is `first` with the
 * other. What either of them did not record, or added to a run of keys, is left as it is.
 */
export function joinEvent(before: UndoStack, first: UndoStack, stack: UndoStack): UndoStack {
  const isFirstOne = first.nextStepId > before.nextStepId;
  const isSecondOne = stack.done?.step.stepId === first.nextStepId;
  return isFirstOne && isSecondOne ? joinLastSteps(stack) : stack;
}

/** Remembers where the cursors were before the last step, or are after it, unless that is known. */
export function noteCursors(
  stack: UndoStack,
  when: 'before' | 'after',
  cursors: Cursors,
): UndoStack {
  const { done } = stack;
  if (!done || (when === 'before' ? done.step.cursors : done.others)) return stack;
  const step =
    when === 'before' ? { ...done.step, cursors } : { ...done.step, cursorsAfter: cursors };
  return { ...stack, done: { ...done, step } };
}

/** The cursors are where they belong. */
export function withoutCursors(stack: UndoStack): UndoStack {
  return { ...stack, cursors: undefined };
}

export interface TakenStep {
  readonly stepId: number;
  /** What takes it back, relative to the text as it is now; never nothing. */
  readonly changes: Changes;
  /** Those pieces of their text that stood in the world before. */
  readonly returned: readonly ReturnedText[];
  readonly stack: UndoStack;
}

/**
 * Takes the last step back that has anything left to take back, or makes the last one again that was
 * taken back. `text` is the text now. Undefined when there is none.
 */
export function takeStep(stack: UndoStack, kind: UndoKind, text: Text): TakenStep | undefined {
  for (let list = kind === 'undo' ? stack.done : stack.undone; list;) {
    const { step } = list;
    const passed = rebaseStep(step.inverse, composeLog(list.others), text);
    const below = addOthers(list.below, passed.others);
    const changes = trimChanges(passed.changes, text);
    if (changes.length > 0) {
      const opposite: UndoStep = {
        stepId: step.stepId,
        inverse: invert(changes, text),
        cursors: moveCursors(step.cursorsAfter, composeLog(list.others), 'before'),
        cursorsAfter: moveCursors(step.cursors, passed.others, 'before'),
        run: undefined,
        // Made again, and taken back once more, it brings back the same.
        lost: step.lost,
      };
      const { done, undone } = stack;
      const isUndo = kind === 'undo';
      return {
        stepId: step.stepId,
        changes,
        returned: returnedIn(changes, step.lost),
        stack: {
          ...stack,
          done: isUndo ? below : bounded(push(opposite, done)),
          undone: isUndo ? push(opposite, undone) : below,
          cursors: opposite.cursorsAfter,
        },
      };
    }
    list = below;
  }
  return undefined;
}

/** The list with one more step, on which nobody has done anything yet. */
export function push(step: UndoStep, below: StepList | undefined): StepList {
  const size = STEP_SIZE + sizeOf(step.inverse) + (below?.size ?? 0);
  return { step, others: undefined, below, size };
}

/** The list with more that others did on top of it. */
export function addOthers(list: StepList | undefined, changes: Changes): StepList | undefined {
  if (!list || changes.length === 0) return list;
  const others = logChanges(list.others, changes);
  return { ...list, others, size: list.size - (list.others?.size ?? 0) + (others?.size ?? 0) };
}

/**
 * One step of the last two. What others did between them, which led to `text`, is done before both.
 * Without `text` nothing may lie between.
 */
function joinTop(list: StepList, text?: Text): StepList {
  const { step, others, below: last } = list;
  if (!last || (last.others && !text)) return list;
  const earlier = text
    ? rebaseStep(last.step.inverse, composeLog(last.others), text)
    : { changes: last.step.inverse, others: [] };
  const below = addOthers(last.below, earlier.others);
  const joined = {
    ...last.step,
    inverse: compose(step.inverse, earlier.changes),
    cursorsAfter: step.cursorsAfter,
    run: step.run,
    lost: step.lost.length === 0 ? last.step.lost : [...last.step.lost, ...step.lost],
  };
  return addLog(push(joined, below), others);
}

function addLog(list: StepList, others: ChangesLog | undefined): StepList {
  return { ...list, others, size: list.size + (others?.size ?? 0) };
}

function boundedOrNone(list: StepList | undefined): StepList | undefined {
  return list && bounded(list);
}

/** Forgets the oldest steps of a list that has grown too large; never the last one. */
function bounded(list: StepList): StepList {
  if (list.size <= MAX_STACK_SIZE) return list;
  const kept: StepList[] = [];
  let size = 0;
  for (let each: StepList | undefined = list; each; each = each.below) {
    size += each.size - (each.below?.size ?? 0);
    if (kept.length > 0 && size > MAX_STACK_SIZE / 2) break;
    kept.push(each);
  }
  return kept.reduceRight<StepList | undefined>(
    (below, { step, others }) => addLog(push(step, below), others),
    undefined,
  )!;
}

function moveCursors(
  cursors: Cursors | undefined,
  changes: Changes,
  bias: Bias,
): Cursors | undefined {
  if (!cursors || changes.length === 0) return cursors;
  return cursors.map(({ anchor, active }) => ({
    anchor: mapPosition(anchor, changes, bias),
    active: mapPosition(active, changes, bias),
  }));
}
