/**
 * Owns: what happens to the user's text that a world puts in a ticket or refuses (S6): it is taken
 * out of the text, what was typed into it goes with it, and it keeps its place. Does not know: how
 * refused text is shown, who decides about it, where drafts are stored.
 */
import { type Changes, endOf, startOf } from '../core/change.ts';
import { compose } from '../core/compose.ts';
import { invert } from '../core/invert.ts';
import { comparePositions } from '../core/position.ts';
import { rebase } from '../core/rebase.ts';
import type { Text } from '../core/text.ts';
import type { Circumstances } from './crossing.ts';
import {
  type DocumentState,
  type InFlight,
  type RefusalReason,
  type RefusedEdit,
  remoteChanges,
  unconfirmedChanges,
} from './document-state.ts';
import type { Draft } from './draft.ts';
import { composeEdits, isInText, newEdit, type PendingEdit } from './pending-edit.ts';

/**
 * Frees the in-flight slot after a ticket or a refusal. The batch's edits leave the text by their
 * inverse; pending changes that touch them join them; all other pending edits go on.
 */
export function withdraw(
  state: DocumentState,
  inFlight: InFlight,
  reason: RefusalReason,
  now: Circumstances,
): DocumentState {
  const opIds = inFlight.batch.ops.map((op) => op.opId);
  if (!inFlight.edits.some(isInText)) return withdrawExtension(state, inFlight, reason, now);
  const refusedId = reason.tag === 'ticket' ? ticketRefusedId(reason.ticketId) : now.newId();
  const removal = takeOut(state.confirmed.text, inFlight.edits, state.pending);
  const moved: DocumentState = {
    ...state,
    inFlight: undefined,
    pending: removal.pending,
    remote: [
      ...state.remote,
      {
        tag: 'withdrawal',
        changes: invert(removal.proposal, removal.text),
        refusedId,
        proposal: removal.proposal,
      },
    ],
    refused: [
      ...moveRefused(state.refused, invert(removal.proposal, removal.text)),
      { refusedId, opIds, reason, edition: 1, proposal: removal.proposal },
    ],
  };
  return removal.isJoined && reason.tag === 'ticket' ? extendTicket(moved, refusedId, now) : moved;
}

/** Moves refused text along with a change of the text that it stands in. */
export function moveRefused(
  refused: readonly RefusedEdit[],
  changes: Changes,
): readonly RefusedEdit[] {
  if (refused.length === 0 || changes.length === 0) return refused;
  return refused.map((edit) => ({ ...edit, proposal: rebase(edit.proposal, changes, 'after') }));
}

/**
 * Brings a refused edit up to date with what was typed into it while it waited to be taken out of
 * the editor, and tells its ticket.
 */
export function extendRefused(
  state: DocumentState,
  refusedId: string,
  now: Circumstances,
): DocumentState {
  const at = state.remote.findIndex(
    (entry) => entry.tag === 'withdrawal' && entry.refusedId === refusedId,
  );
  const entry = state.remote[at];
  if (entry?.tag !== 'withdrawal') return state;
  const proposal = rebase(entry.proposal, remoteChanges(state.remote.slice(at + 1)), 'after');
  const refused = state.refused.map((edit) =>
    edit.refusedId === refusedId ? { ...edit, proposal, edition: edit.edition + 1 } : edit,
  );
  return extendTicket({ ...state, refused }, refusedId, now);
}

/**
 * The draft of a refused edit, relative to the confirmed version so that it outlives the window;
 * undefined for one that a ticket holds.
 */
export function draftOf(
  state: DocumentState,
  refused: RefusedEdit,
  fileId: number,
  nowMs: number,
): Draft | undefined {
  if (refused.reason.tag !== 'draft') return undefined;
  const { version, text } = state.confirmed;
  const changes = rebase(refused.proposal, invert(unconfirmedChanges(state), text), 'after');
  return {
    draftId: refused.refusedId,
    fileId,
    opIds: refused.opIds,
    code: refused.reason.code,
    message: refused.reason.message,
    version,
    changes,
    replaced: changes.map((change) => text.slice(startOf(change), endOf(change))),
    madeAtMs: nowMs,
  };
}

/** Cuts a change set on a text into what touches another one's ranges, and, on top of it, the rest. */
export function separateTouching(
  changes: Changes,
  others: Changes,
): { readonly touching: Changes; readonly rest: Changes } {
  const touching = changes.filter((change) =>
    others.some(
      (other) =>
        comparePositions(startOf(change), endOf(other)) <= 0 &&
        comparePositions(startOf(other), endOf(change)) <= 0,
    ),
  );
  if (touching.length === 0) return { touching, rest: changes };
  const rest = changes.filter((change) => !touching.includes(change));
  return { touching, rest: rebase(rest, touching, 'after') };
}

/** The name under which a ticket's text is kept. */
export function ticketRefusedId(ticketId: number): string {
  return `ticket-${ticketId}`;
}

interface Removal {
  /** The text without the refused edits, and with the pending ones. */
  readonly text: Text;
  readonly pending: readonly PendingEdit[];
  /** What was refused and what joined it, relative to `text`. */
  readonly proposal: Changes;
  readonly isJoined: boolean;
}

/** Turns "refused, then pending" into "pending, then refused", joining what cannot be told apart. */
function takeOut(
  confirmed: Text,
  refused: readonly PendingEdit[],
  pending: readonly PendingEdit[],
): Removal {
  let text = confirmed;
  let proposal = composeEdits(refused);
  let isJoined = false;
  const kept: PendingEdit[] = [];
  for (const edit of pending) {
    if (!isInText(edit)) {
      kept.push({ ...edit, changes: rebase(edit.changes, invert(proposal, text), 'after') });
      continue;
    }
    const { touching, rest } = separateTouching(edit.changes, invert(proposal, text));
    isJoined ||= touching.length > 0;
    proposal = compose(proposal, touching);
    const changes = rebase(rest, invert(proposal, text), 'after');
    proposal = rebase(proposal, changes, 'before');
    text = text.apply(changes);
    if (changes.length > 0) kept.push({ ...edit, changes });
  }
  return { text, pending: kept, proposal, isJoined };
}

/** Puts an edit in the outbox that tells a ticket what it proposes now, in place of an older one. */
function extendTicket(state: DocumentState, refusedId: string, now: Circumstances): DocumentState {
  const refused = state.refused.find((edit) => edit.refusedId === refusedId);
  if (refused?.reason.tag !== 'ticket') return state;
  const { ticketId } = refused.reason;
  const extension: PendingEdit = {
    ...newEdit(now.newId(), refused.proposal, 'patch', now.nowMs),
    extends: ticketId,
  };
  const others = state.pending.filter((edit) => edit.extends !== ticketId);
  return {
    ...state,
    pending: [...others, extension],
    refused: state.refused.map((edit) =>
      edit === refused ? { ...edit, opIds: [...edit.opIds, extension.opId] } : edit,
    ),
  };
}

/** An extension was never in the text. In a ticket it is safe; refused, it becomes a draft. */
function withdrawExtension(
  state: DocumentState,
  inFlight: InFlight,
  reason: RefusalReason,
  now: Circumstances,
): DocumentState {
  const free: DocumentState = { ...state, inFlight: undefined };
  const extension = inFlight.edits[0];
  if (reason.tag === 'ticket' || !extension) return free;
  const proposal = rebase(extension.changes, composeEdits(state.pending), 'after');
  const draft: RefusedEdit = {
    refusedId: now.newId(),
    opIds: [extension.opId],
    reason,
    edition: 1,
    proposal,
  };
  return { ...free, refused: [...state.refused, draft] };
}
