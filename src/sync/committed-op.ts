/**
 * Owns: what becomes of an op that the world committed: somebody's, or one's own come back, told
 * apart by its id alone (S3). Does not know: gaps and repeats in the stream (the binding does).
 */
import { type Changes, sameChanges } from '../core/change.ts';
import { compose } from '../core/compose.ts';
import { invert } from '../core/invert.ts';
import type { Text } from '../core/text.ts';
import {
  type Circumstances,
  type CommittedChange,
  crossCommitted,
  crossUnjudged,
} from './crossing.ts';
import {
  comingText,
  type DocumentState,
  type InFlight,
  isSettled,
  type RemoteEntry,
  targetText,
} from './document-state.ts';
import { comesFrom, composeEdits, isInText } from './pending-edit.ts';
import type { CommittedOp } from './ports.ts';
import { moveRefused } from './refused-edits.ts';
import { trimChanges } from './minimal-changes.ts';
import { recordOthers } from './undo-stack.ts';

/** Takes in the op that follows the confirmed version. Throws RangeError when it does not fit the text. */
export function commit(state: DocumentState, op: CommittedOp, now: Circumstances): DocumentState {
  if (state.inFlight?.awaited.includes(op.opId)) return commitOwn(state, state.inFlight, op);
  return commitOthers(dropPending(state, op.opId), op, now);
}

/** One's own op is in the text already; only what the world made different goes to the editor. */
function commitOwn(state: DocumentState, inFlight: InFlight, op: CommittedOp): DocumentState {
  const edits = inFlight.edits.filter((edit) => edit.opId !== op.opId);
  const awaited = inFlight.awaited.filter((opId) => opId !== op.opId);
  const { text } = state.confirmed;
  const freed = {
    ...state,
    inFlight: awaited.length === 0 ? undefined : { ...inFlight, awaited, edits },
  };
  const predicted = inFlight.edits.find((edit) => edit.opId === op.opId && isInText(edit));
  const expected = predicted?.changes ?? [];
  const isAsExpected = sameChanges(expected, op.changes);
  // Nothing lies between the two any more: one text serves both, and is changed once.
  const isShown = isAsExpected && isSettled(freed);
  const confirmed = {
    version: op.version,
    text: isShown ? state.shadow : text.apply(op.changes),
  };
  const advanced: DocumentState = { ...freed, confirmed };
  return isAsExpected ? advanced : correct(advanced, difference(expected, op.changes, text));
}

function commitOthers(state: DocumentState, op: CommittedOp, now: Circumstances): DocumentState {
  const { version, text } = state.confirmed;
  const { opSeq, changes } = op;
  const sent = crossUnjudged(state.inFlight?.edits ?? [], changes);
  const change: CommittedChange = { opSeq, version: version + 1, changes: sent.changes };
  const pending = crossCommitted(state.pending, change, now);
  return {
    ...state,
    confirmed: { version: version + 1, text: text.apply(changes) },
    inFlight: state.inFlight && { ...state.inFlight, edits: sent.edits },
    pending: pending.edits,
    remote: enqueue(state.remote, { tag: 'committed', ...change, changes: pending.changes }),
    refused: moveRefused(state.refused, pending.changes),
    undo: recordOthers(state.undo, pending.changes, () => comingText(state)),
  };
}

/**
 * Frees the slot after the world said that it applied a batch without making ops of all of it, such
 * as an edit that somebody had made already. What the text has too much goes.
 */
export function commitNothing(state: DocumentState, inFlight: InFlight): DocumentState {
  const { text } = state.confirmed;
  const undo = invert(composeEdits(inFlight.edits), text);
  return correct({ ...state, inFlight: undefined }, undo);
}

/** Brings the edits that are not confirmed, and the editor, in line with a change of the text below them. */
function correct(state: DocumentState, changes: Changes): DocumentState {
  const sent = crossUnjudged(state.inFlight?.edits ?? [], changes);
  const pending = crossUnjudged(state.pending, sent.changes);
  return {
    ...state,
    inFlight: state.inFlight && { ...state.inFlight, edits: sent.edits },
    pending: pending.edits,
    remote: enqueue(state.remote, {
      tag: 'correction',
      changes: pending.changes,
      after: 'surprise',
    }),
    refused: moveRefused(state.refused, pending.changes),
    undo: recordOthers(state.undo, pending.changes, () => comingText(state)),
  };
}

/**
 * Takes out pending edits that the world turns out to know: the window crashed between sending them
 * and writing down that they were sent. What the world has is the whole of them.
 */
export function dropPending(state: DocumentState, opId: string): DocumentState {
  const at = state.pending.findIndex((edit) => comesFrom(edit, opId));
  const edit = state.pending[at];
  if (!edit) return state;
  const earlier = state.pending.slice(0, at);
  const before = targetText({ ...state, pending: earlier });
  const undo = isInText(edit) ? invert(edit.changes, before) : [];
  const later = crossUnjudged(state.pending.slice(at + 1), undo);
  const dropped: DocumentState = {
    ...state,
    pending: [...earlier, ...later.edits],
    remote: enqueue(state.remote, {
      tag: 'correction',
      changes: later.changes,
      after: 'surprise',
    }),
    refused: moveRefused(state.refused, later.changes),
    undo: recordOthers(state.undo, later.changes, () => comingText(state)),
  };
  return dropPending(dropped, opId);
}

function enqueue(remote: readonly RemoteEntry[], entry: RemoteEntry): readonly RemoteEntry[] {
  return entry.changes.length === 0 && entry.tag !== 'committed' ? remote : [...remote, entry];
}

/** What leads from the text with `expected` to the text with `actual`, both made on `base`. */
function difference(expected: Changes, actual: Changes, base: Text): Changes {
  return trimChanges(compose(invert(expected, base), actual), base.apply(expected));
}
