/**
 * Owns: taking out of the text, as nobody's wish, what an edit in doubt did to it: the editor is asked to take it back,
 * and the world never hears of it. Does not know: why it is taken out.
 */
import { invert } from '../core/invert.ts';
import type { Text } from '../core/text.ts';
import { crossUnjudged } from './crossing.ts';
import { comingText, type DocumentState } from './document-state.ts';
import { isInText } from './pending-edit.ts';
import { moveRefused } from './refused-edits.ts';
import { withdrawSteps } from './withdraw-steps.ts';

/** The state without the edits that have these doubts; what was typed since stays. */
export function withoutDoubted(state: DocumentState, doubts: ReadonlySet<number>): DocumentState {
  const index = state.pending.findIndex(({ doubt }) => doubt !== undefined && doubts.has(doubt));
  return index === -1 ? state : withoutDoubted(withoutOne(state, index), doubts);
}

function withoutOne(state: DocumentState, index: number): DocumentState {
  const edit = state.pending[index]!;
  const [before, after] = [state.pending.slice(0, index), state.pending.slice(index + 1)];
  if (!isInText(edit)) return { ...state, pending: [...before, ...after] };
  const back = invert(edit.changes, textBefore(state, index));
  const later = crossUnjudged(after, back);
  const entry = { tag: 'correction', changes: later.changes, after: 'surprise' } as const;
  return {
    ...state,
    pending: [...before, ...later.edits],
    remote: later.changes.length > 0 ? [...state.remote, entry] : state.remote,
    refused: moveRefused(state.refused, later.changes),
    undo: withdrawSteps(state.undo, later.changes, comingText(state)),
  };
}

/** The text that a pending edit was made on. */
function textBefore({ confirmed, inFlight, pending }: DocumentState, index: number): Text {
  const edits = [...(inFlight?.edits ?? []), ...pending.slice(0, index)].filter(isInText);
  return edits.reduce((text, { changes }) => text.apply(changes), confirmed.text);
}
