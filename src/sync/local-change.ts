/**
 * Owns: what becomes of a change that happened in the editor: typing, and loads from disk. Does
 * not know: whether the change was an echo (the editor queue does), when it is sent.
 */
import type { Changes } from '../core/change.ts';
import type { Intent } from '../core/op.ts';
import { rebase } from '../core/rebase.ts';
import type { Text } from '../core/text.ts';
import { type Circumstances, crossCommitted, crossUnjudged } from './crossing.ts';
import { type DocumentState, type RemoteEntry, targetText } from './document-state.ts';
import { lostBy } from './lost-by-edit.ts';
import { type LostText, returnedIn } from './lost-text.ts';
import { minimalChanges } from './minimal-changes.ts';
import { appendEdit, composeEdits, newEdit, type PendingEdit } from './pending-edit.ts';
import { type Addition, joinRefused, moveRefused, passWithdrawal } from './refused-edits.ts';
import { recordOwn } from './undo-stack.ts';

/**
 * Takes in what the user did to the shadow (S1). The user did not see the ops that wait for the
 * editor, so the change is moved over each of them and judged against it. `restored` is text that the
 * change brings back, where it does; `doubt` is the number of the one about who made it.
 */
export function changeLocally(
  state: DocumentState,
  changes: Changes,
  intent: Intent,
  now: Circumstances,
  restored: readonly LostText[] = [],
  doubt?: number,
): DocumentState {
  if (changes.length === 0) return state;
  const shadow = state.shadow.apply(changes);
  const returned = returnedIn(changes, restored);
  const made = newEdit(now.newId(), changes, intent, now.nowMs, returned);
  const edit = doubt === undefined ? made : { ...made, doubt };
  const passed = passQueue(state, [edit], now);
  const whole = composeEdits(passed.edits);
  const moved: DocumentState = {
    ...state,
    shadow,
    remote: passed.remote,
    pending: passed.edits.reduce(
      (pending, passedEdit) => appendEdit(pending, passedEdit, now.waitingKeys),
      state.pending,
    ),
    refused: moveRefused(state.refused, whole),
    undo: recordOwn(state.undo, whole, passed.before, (inverse) => lostBy(inverse, state)),
  };
  return passed.additions.reduce((next, addition) => joinRefused(next, addition, now), moved);
}

/**
 * Takes in that the editor loaded other text from disk. Nobody typed it: what the world has stays.
 * Mostly the disk was only ahead of the queue, and some entries have entered the editor this way;
 * otherwise the editor is given whatever it lacks.
 */
export function loadFromDisk(state: DocumentState, changes: Changes): DocumentState {
  const shadow = state.shadow.apply(changes);
  const loaded = shadow.toString();
  let text = state.shadow;
  for (const [index, entry] of state.remote.entries()) {
    text = text.apply(entry.changes);
    if (text.toString() === loaded) {
      return { ...state, shadow, remote: state.remote.slice(index + 1) };
    }
  }
  return { ...state, shadow, remote: lackingEntries(shadow, text) };
}

/**
 * Puts all that the editor lacks in one entry if it has a text from disk: such a text may hold some
 * of the ops that wait, and only comparing shows which. Who types in between is not judged against
 * them, but meets nothing twice.
 */
export function alignWithDisk(state: DocumentState): DocumentState {
  const { remote } = state;
  const hasDiskText = remote.some((entry) => entry.tag === 'correction' && entry.after === 'disk');
  if (remote.length < 2 || !hasDiskText) return state;
  return { ...state, remote: lackingEntries(state.shadow, targetText(state)) };
}

function lackingEntries(shadow: Text, target: Text): readonly RemoteEntry[] {
  const changes = minimalChanges(shadow, target.toString(), 'characters');
  return changes.length > 0 ? [{ tag: 'correction', changes, after: 'disk' }] : [];
}

interface PassedQueue {
  readonly edits: readonly PendingEdit[];
  readonly remote: readonly RemoteEntry[];
  /** The text with all that waits and without the change. */
  readonly before: Text;
  /** What of the change belongs to refused text. */
  readonly additions: readonly Addition[];
}

function passQueue(
  state: DocumentState,
  typed: readonly PendingEdit[],
  now: Circumstances,
): PassedQueue {
  const remote: RemoteEntry[] = [];
  let additions: readonly Addition[] = [];
  let edits = typed;
  // The text before the current entry: without the change, for looking up what it replaced.
  let before = state.shadow;
  for (const entry of state.remote) {
    const passed = passEntry(edits, entry, before, now);
    before = before.apply(entry.changes);
    edits = passed.edits;
    remote.push(passed.entry);
    additions = additions.map((addition) => ({
      ...addition,
      proposal: rebase(addition.proposal, passed.entry.changes, 'after'),
    }));
    if (passed.addition) additions = [...additions, passed.addition];
  }
  return { edits, remote, before, additions };
}

interface PassedEntry {
  readonly edits: readonly PendingEdit[];
  readonly entry: RemoteEntry;
  readonly addition?: Addition;
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
    case 'withdrawal': {
      const passed = passWithdrawal(edits, entry, before);
      const { refusedId } = entry;
      return {
        edits: passed.edits,
        entry: passed.entry,
        ...(passed.proposal && {
          addition: { refusedId, changes: passed.added, proposal: passed.proposal },
        }),
      };
    }
  }
}
