/**
 * Owns: what becomes of edits of which it was in doubt who made them. Does not know: how that is found out.
 */
import type { DocumentState } from './document-state.ts';
import { isContested, isInText, joinEdits, type PendingEdit, withMaker } from './pending-edit.ts';
import type { Maker } from './ports.ts';

/** The state with what is known by now; what one agent made in a row is one edit. */
export function withMakers(
  state: DocumentState,
  makerOf: (doubt: number) => Maker | undefined,
): DocumentState {
  if (state.pending.every(({ doubt }) => doubt === undefined)) return state;
  const pending = state.pending.reduce<readonly PendingEdit[]>((before, edit) => {
    const next = edit.doubt === undefined ? edit : withMaker(edit, makerOf(edit.doubt));
    const last = before.at(-1);
    if (next === edit || !last || !areOneWork(last, next)) return [...before, next];
    const joined = joinEdits(last, next);
    return [...before.slice(0, -1), ...(joined.changes.length > 0 ? [joined] : [])];
  }, []);
  return { ...state, pending };
}

function areOneWork(last: PendingEdit, next: PendingEdit): boolean {
  const isAgents = next.author !== undefined && next.author === last.author;
  return isAgents && [last, next].every((edit) => isInText(edit) && !isContested(edit));
}
