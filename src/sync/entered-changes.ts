/**
 * Owns: what becomes of remote changes that the editor says it made, also where it made others than
 * it was asked for. Does not know: how it is asked, or why it would do that.
 */
import { type Changes, sameChanges } from '../core/change.ts';
import { compose } from '../core/compose.ts';
import { invert } from '../core/invert.ts';
import { type DocumentState, isSettled } from './document-state.ts';
import { trimChanges } from './minimal-changes.ts';

/** Remote entries that the editor is being given, as one set of changes on the shadow. */
export interface Entering {
  readonly count: number;
  readonly changes: Changes;
  /** Nothing but what the user took back or made again. */
  readonly isOwn: boolean;
  /** Nothing that others wrote. */
  readonly isCorrection: boolean;
}

export interface Entered {
  /** The state as if the editor had done what it was asked for. */
  readonly state: DocumentState;
  /** What the editor did beyond that, relative to the shadow of `state`; mostly nothing. */
  readonly surplus: Changes;
}

/** Takes in that the editor was asked for `entering` and made `made` of it. */
export function enter(state: DocumentState, entering: Entering, made: Changes): Entered {
  const remote = state.remote.slice(entering.count);
  const next = { ...state, remote };
  // Nothing lies between the two any more: one text serves both, and is changed once.
  const shadow = isSettled(next) ? state.confirmed.text : state.shadow.apply(entering.changes);
  const entered: DocumentState = { ...next, shadow };
  if (sameChanges(made, entering.changes)) return { state: entered, surplus: [] };
  // The editor may cut the same edit into other pieces: only what they do counts.
  const surplus = compose(invert(entering.changes, state.shadow), made);
  return { state: entered, surplus: trimChanges(surplus, shadow) };
}

/**
 * Takes in a surplus, or an undo of the editor's own that takes back whatever came last, as nobody's
 * wish: the editor will be asked to take it back.
 */
export function takeBack(
  state: DocumentState,
  surplus: Changes,
  after: 'surprise' | 'undo' = 'surprise',
): DocumentState {
  const changes = invert(surplus, state.shadow);
  return {
    ...state,
    shadow: state.shadow.apply(surplus),
    remote: [{ tag: 'correction', changes, after }, ...state.remote],
  };
}
