/**
 * Owns: what becomes of a document when the user takes a step back or makes it again: an edit of the
 * user's that the editor is given like any change that is not its own. Does not know: which steps
 * there are, who asked.
 */
import type { Circumstances } from './crossing.ts';
import { comingText, type DocumentState } from './document-state.ts';
import { appendEdit, newEdit } from './pending-edit.ts';
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
  const edit = newEdit(now.newId(), changes, 'typing', now.nowMs);
  return {
    taken,
    state: {
      ...state,
      pending: appendEdit(state.pending, edit, now.waitingKeys),
      remote: [...state.remote, { tag: 'correction', changes, after: 'undo' }],
      refused: moveRefused(state.refused, changes),
      undo: stack,
    },
  };
}
