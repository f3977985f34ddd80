/**
 * Owns: what becomes of a document when the user takes a step back or makes it again: an edit of the
 * user's that the editor is given like any change that is not its own. Does not know: which steps
 * there are, who asked.
 */
import { compose } from '../core/compose.ts';
import type { Circumstances } from './crossing.ts';
import { comingText, type DocumentState, targetText } from './document-state.ts';
import { trimChanges } from './minimal-changes.ts';
import { appendEdit, isInText, newEdit, type PendingEdit } from './pending-edit.ts';
import { moveRefused } from './refused-edits.ts';
import { type TakenStep, takeStep, type UndoKind } from './undo-stack.ts';

export interface Taken {
  readonly state: DocumentState;
  readonly taken: TakenStep;
}

/**
 * Takes back the last step that has anything left of it, or makes the last one again that was taken
 * back. It is relative to the text that editor and world are on their way to, so it goes to both.
 */
export function takeBackStep(
  state: DocumentState,
  kind: UndoKind,
  now: Circumstances,
): Taken | undefined {
  const taken = takeStep(state.undo, kind, comingText(state));
  if (!taken) return undefined;
  const { changes, stack } = taken;
  return {
    taken,
    state: {
      ...state,
      pending: appendTaken(state, taken, now),
      remote: [...state.remote, { tag: 'correction', changes, after: 'undo' }],
      refused: moveRefused(state.refused, changes),
      undo: stack,
    },
  };
}

/**
 * Adds the edit to those that wait. Text that was put in and taken out again before anybody was told,
 * or the other way round, was never there, or never away: no ticket shall hold it.
 */
function appendTaken(
  state: DocumentState,
  { changes, returned }: TakenStep,
  now: Circumstances,
): readonly PendingEdit[] {
  const edit = newEdit(now.newId(), changes, 'typing', now.nowMs, returned);
  const appended = appendEdit(state.pending, edit, now.waitingKeys);
  const last = state.pending.at(-1);
  if (!last || !isInText(last)) return appended;
  const earlier = state.pending.slice(0, -1);
  const before = targetText({ ...state, pending: earlier });
  const both = trimChanges(compose(last.changes, changes), before);
  if (both.length === 0) return earlier;
  const isJoined = appended.length === state.pending.length;
  return isJoined ? [...earlier, { ...appended.at(-1)!, changes: both }] : appended;
}
