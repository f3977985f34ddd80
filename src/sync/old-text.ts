/**
 * Owns: taking out of the text what an edit in doubt put back, so that what others wrote comes into the document again.
 * Does not know: how old text is told.
 */
import type { Changes } from '../core/change.ts';
import { compose } from '../core/compose.ts';
import { invert } from '../core/invert.ts';
import type { Text } from '../core/text.ts';
import { crossUnjudged } from './crossing.ts';
import { comingText, type DocumentState } from './document-state.ts';
import { trimChanges } from './minimal-changes.ts';
import { composeEdits, isContested, isInText, withChanges } from './pending-edit.ts';
import { moveRefused } from './refused-edits.ts';
import { recordOthers } from './undo-stack.ts';

/** What is in doubt, as changes of a version of the file. */
export interface DoubtedChange {
  readonly version: number;
  readonly before: Text;
  readonly changes: Changes;
}

/**
 * The edits with these doubts, where nothing of the user's comes before them that the world does not have; undefined
 * for now elsewhere.
 */
export function doubtedIn(
  state: DocumentState,
  doubts: ReadonlySet<number>,
): DoubtedChange | undefined {
  const { confirmed, inFlight, pending } = state;
  const count = countOf(state, doubts);
  const edits = pending.slice(0, count);
  if (inFlight || count === 0) return undefined;
  if (!edits.every((edit) => isInText(edit) && !isContested(edit))) return undefined;
  return { version: confirmed.version, before: confirmed.text, changes: composeEdits(edits) };
}

/** The state with `fresh` in the place of all that is in doubt, which `doubtedIn` has given for it. */
export function takeOut(
  state: DocumentState,
  doubts: ReadonlySet<number>,
  { before, changes }: DoubtedChange,
  fresh: Changes,
): DocumentState {
  const count = countOf(state, doubts);
  const first = state.pending[0]!;
  const back = trimChanges(compose(invert(changes, before), fresh), before.apply(changes));
  const later = crossUnjudged(state.pending.slice(count), back);
  const kept = fresh.length > 0 ? [withChanges(first, fresh)] : [];
  const entry = { tag: 'correction', changes: later.changes, after: 'surprise' } as const;
  return {
    ...state,
    pending: [...kept, ...later.edits],
    remote: later.changes.length > 0 ? [...state.remote, entry] : state.remote,
    refused: moveRefused(state.refused, later.changes),
    undo: recordOthers(state.undo, later.changes, () => comingText(state)),
  };
}

function countOf({ pending }: DocumentState, doubts: ReadonlySet<number>): number {
  const count = pending.findIndex(({ doubt }) => doubt === undefined || !doubts.has(doubt));
  return count === -1 ? pending.length : count;
}
