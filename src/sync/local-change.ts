/**
 * Owns: what becomes of a change that happened in the editor: typing, and loads from disk. Does
 * not know: whether the change was an echo (the editor queue does), when it is sent.
 */
import type { Changes } from '../core/change.ts';
import { compose } from '../core/compose.ts';
import { invert } from '../core/invert.ts';
import type { Intent } from '../core/op.ts';
import { rebase } from '../core/rebase.ts';
import type { Text } from '../core/text.ts';
import { type Circumstances, crossCommitted, crossUnjudged } from './crossing.ts';
import type { DocumentState, RemoteEntry } from './document-state.ts';
import { minimalChanges } from './minimal-changes.ts';
import { appendEdit, composeEdits, newEdit, type PendingEdit } from './pending-edit.ts';
import { moveProposal, type Proposal, wholeProposal } from './proposal.ts';
import { joinRefused, moveRefused, separateTouching } from './refused-edits.ts';

/**
 * Takes in what the user did to the shadow (S1). The user did not see the ops that wait for the
 * editor, so the change is moved over each of them and judged against it.
 */
export function changeLocally(
  state: DocumentState,
  changes: Changes,
  intent: Intent,
  now: Circumstances,
): DocumentState {
  if (changes.length === 0) return state;
  const shadow = state.shadow.apply(changes);
  const edit = newEdit(now.newId(), changes, intent, now.nowMs);
  const passed = passQueue(state, [edit], now);
  const moved: DocumentState = {
    ...state,
    shadow,
    remote: passed.remote,
    pending: passed.edits.reduce(appendEdit, state.pending),
    refused: moveRefused(state.refused, composeEdits(passed.edits)),
  };
  return passed.joined.reduce(
    (next, { refusedId, proposal }) => joinRefused(next, refusedId, proposal, now),
    moved,
  );
}

/**
 * Takes in that the editor loaded other text from disk. Nobody typed it: the world's text stays,
 * and the editor is given back what the load changed.
 */
export function loadFromDisk(state: DocumentState, changes: Changes): DocumentState {
  if (changes.length === 0) return state;
  const shadow = state.shadow.apply(changes);
  // Not the inverse: an editor loads whole lines, and what is typed next should find its place.
  const back = minimalChanges(shadow, state.shadow.toString());
  const undo: RemoteEntry = { tag: 'correction', changes: back };
  return { ...state, shadow, remote: back.length > 0 ? [undo, ...state.remote] : state.remote };
}

interface PassedQueue {
  readonly edits: readonly PendingEdit[];
  readonly remote: readonly RemoteEntry[];
  readonly joined: readonly Joined[];
}

/** A refused edit that part of the change belongs to, with that part. */
interface Joined {
  readonly refusedId: string;
  readonly proposal: Proposal;
}

function passQueue(
  state: DocumentState,
  typed: readonly PendingEdit[],
  now: Circumstances,
): PassedQueue {
  const remote: RemoteEntry[] = [];
  let joined: readonly Joined[] = [];
  let edits = typed;
  // The text before the current entry: without the change, for looking up what it replaced.
  let before = state.shadow;
  for (const entry of state.remote) {
    const passed = passEntry(edits, entry, before, now);
    before = before.apply(entry.changes);
    edits = passed.edits;
    remote.push(passed.entry);
    joined = joined.map((part) => ({
      ...part,
      proposal: moveProposal(part.proposal, passed.entry.changes),
    }));
    if (passed.joined) joined = [...joined, passed.joined];
  }
  return { edits, remote, joined };
}

interface PassedEntry {
  readonly edits: readonly PendingEdit[];
  readonly entry: RemoteEntry;
  readonly joined?: Joined;
}

function passEntry(
  edits: readonly PendingEdit[],
  entry: RemoteEntry,
  before: Text,
  now: Circumstances,
): PassedEntry {
  switch (entry.tag) {
    case 'committed': {
      const crossed = crossCommitted(edits, entry, now);
      return { edits: crossed.edits, entry: { ...entry, changes: crossed.changes } };
    }
    case 'correction': {
      const crossed = crossUnjudged(edits, entry.changes);
      return { edits: crossed.edits, entry: { ...entry, changes: crossed.changes } };
    }
    case 'withdrawal':
      return passWithdrawal(edits, entry, before);
  }
}

/** Edits that touch text which is about to be taken out go with it; the others pass. */
function passWithdrawal(
  edits: readonly PendingEdit[],
  entry: RemoteEntry & { readonly tag: 'withdrawal' },
  before: Text,
): PassedEntry {
  let { changes } = entry;
  let proposal: Proposal = { held: entry.proposal, further: [] };
  let text = before;
  const passed: PendingEdit[] = [];
  for (const edit of edits) {
    const { touching, rest } = separateTouching(edit.changes, changes);
    if (touching.length > 0) {
      changes = compose(invert(touching, text), changes);
      proposal = { ...proposal, further: compose(proposal.further, touching) };
      text = text.apply(touching);
    }
    const moved = rebase(rest, changes, 'after');
    changes = rebase(changes, rest, 'before');
    proposal = moveProposal(proposal, moved);
    text = text.apply(rest);
    if (moved.length > 0) passed.push({ ...edit, changes: moved });
  }
  const { refusedId } = entry;
  return {
    edits: passed,
    entry: { ...entry, changes, proposal: wholeProposal(proposal) },
    ...(proposal.further.length > 0 && { joined: { refusedId, proposal } }),
  };
}
