/**
 * Owns: how a row of the user's edits and a change from the world, made on the same text, move past
 * each other, and where the user's edits overlap it. Does not know: documents, queues, sending.
 */
import type { Changes } from '../core/change.ts';
import { contestedIndexes, type PolicyMode } from '../core/policy.ts';
import { rebase } from '../core/rebase.ts';
import { splitChanges } from '../core/split-changes.ts';
import {
  earlierVersion,
  isInText,
  judgedIntent,
  type PendingEdit,
  unite,
  withChanges,
  type WaitingKeys,
} from './pending-edit.ts';

/** What transitions need to know beside the state. */
export interface Circumstances {
  readonly policy: PolicyMode;
  readonly nowMs: number;
  readonly waitingKeys: WaitingKeys;
  newId(): string;
}

/** Somebody's committed op, wherever its changes have been moved to. */
export interface CommittedChange {
  readonly opSeq: number;
  /** The version that it made. */
  readonly version: number;
  readonly changes: Changes;
}

/** Both sides after they have passed each other; either order leads to the same text. */
export interface Crossed {
  /** Relative to the result of the other side's original changes. */
  readonly edits: readonly PendingEdit[];
  /** Relative to the result of the original edits. */
  readonly changes: Changes;
}

/**
 * Moves edits over somebody's committed op. Changes that overlap it by the world's policy are split
 * off into an edit of their own that says so; committed text stands first at the same place.
 */
export function crossCommitted(
  edits: readonly PendingEdit[],
  op: CommittedChange,
  now: Circumstances,
): Crossed {
  return crossEach(edits, op.changes, (edit, changes) => splitContested(edit, op, changes, now));
}

/** Moves edits over a change that is nobody's op, such as a correction: nothing is judged. */
export function crossUnjudged(edits: readonly PendingEdit[], changes: Changes): Crossed {
  return crossEach(edits, changes, (edit) => [edit]);
}

function crossEach(
  edits: readonly PendingEdit[],
  changes: Changes,
  split: (edit: PendingEdit, changes: Changes) => readonly PendingEdit[],
): Crossed {
  if (changes.length === 0) return { edits, changes };
  const moved: PendingEdit[] = [];
  let theirs = changes;
  for (const edit of edits) {
    if (!isInText(edit)) {
      moved.push(edit);
      continue;
    }
    for (const part of split(edit, theirs)) {
      const mine = rebase(part.changes, theirs, 'after');
      theirs = rebase(theirs, part.changes, 'before');
      if (mine === part.changes) moved.push(part);
      else if (mine.length > 0) moved.push(withChanges(part, mine));
    }
  }
  return { edits: moved, changes: theirs };
}

/** The edit in one part or two, in the place it was: what overlaps the op comes last. */
function splitContested(
  edit: PendingEdit,
  op: Pick<CommittedChange, 'opSeq' | 'version'>,
  changes: Changes,
  now: Circumstances,
): readonly PendingEdit[] {
  const intent = judgedIntent(edit, now.nowMs);
  const carried = {
    ...edit,
    intent,
    carriedFrom: earlierVersion(edit.carriedFrom, op.version - 1),
    carriedOver: edit.carriedOver + 1,
  };
  const contested = contestedIndexes(edit.changes, changes, now.policy, intent);
  if (contested.length === 0) return [carried];
  const disputed = { ...carried, overlaps: unite(carried.overlaps, [op.opSeq]) };
  if (contested.length === edit.changes.length || edit.overlaps.length > 0) return [disputed];
  const { rest, chosen } = splitChanges(edit.changes, contested);
  return [
    withChanges(carried, rest),
    {
      ...withChanges(disputed, chosen),
      opId: now.newId(),
      splitFrom: edit.splitFrom ?? edit.opId,
    },
  ];
}
