/**
 * Owns: what is typed into text that a ticket holds, on its way to that ticket, and as a draft where
 * the ticket does not take it. Does not know: how the text leaves the editor.
 *
 * An addition tells all that the ticket proposes from now on, in the ticket's own coordinates (the
 * version that its batch was made on): only there do both sides know the same text whatever else has
 * happened since.
 */
import { type Changes, replace, startOf } from '../core/change.ts';
import { compose } from '../core/compose.ts';
import type { Circumstances } from './crossing.ts';
import type { DocumentState, InFlight, RefusalReason, RefusedEdit } from './document-state.ts';
import { newEdit, type PendingEdit } from './pending-edit.ts';

type DraftReason = RefusalReason & { readonly tag: 'draft' };

const FORGOTTEN: DraftReason = {
  tag: 'draft',
  code: 'ticket_unknown',
  message:
    'It was typed into text that a ticket holds, but what the ticket holds is not known here.',
};

/** The name under which a ticket's text is kept. */
export function ticketRefusedId(ticketId: number): string {
  return `ticket-${ticketId}`;
}

/**
 * Takes note of what was added to refused text, and puts an edit in the outbox that tells its
 * ticket, in place of one that waits there. `added` builds on all that was refused before.
 */
export function addToTicket(
  state: DocumentState,
  refused: RefusedEdit,
  added: Changes,
  now: Circumstances,
): DocumentState {
  const { reason, atBase } = refused;
  if (reason.tag !== 'ticket' || added.length === 0) return state;
  const edit: RefusedEdit = {
    ...refused,
    atBase: { ...atBase, changes: compose(atBase.changes, added) },
  };
  const noted = exchange(state, refused, edit);
  if (edit.additionsDraftId) return addToDraft(noted, edit.additionsDraftId, added);
  if (reason.isForgotten) return moveToDraft(noted, edit, FORGOTTEN, [], added, now);
  return { ...noted, pending: tellTicket(state.pending, reason.ticketId, edit, added, now) };
}

/**
 * Frees the slot of an addition that was answered. It was never in the text; refused, it becomes a
 * draft at the ticket's place, together with what waits to be added on top of it.
 */
export function withdrawAddition(
  state: DocumentState,
  { batch, edits }: InFlight,
  reason: RefusalReason,
  now: Circumstances,
): DocumentState {
  const free: DocumentState = { ...state, inFlight: undefined };
  if (reason.tag === 'ticket') return free;
  const waiting = state.pending.filter((edit) => edit.extends?.ticketId === batch.extends);
  const additions = [...edits, ...waiting];
  const added = additions.reduce<Changes>(
    (all, edit) => compose(all, edit.extends?.added ?? []),
    [],
  );
  const ticket = state.refused.find((edit) => edit.refusedId === ticketRefusedId(batch.extends));
  const pending = state.pending.filter((edit) => !waiting.includes(edit));
  const opIds = additions.map((edit) => edit.opId);
  return moveToDraft({ ...free, pending }, ticket, reason, opIds, added, now);
}

function tellTicket(
  pending: readonly PendingEdit[],
  ticketId: number,
  { atBase }: RefusedEdit,
  added: Changes,
  now: Circumstances,
): readonly PendingEdit[] {
  const waiting = pending.find((edit) => edit.extends?.ticketId === ticketId);
  const addition: PendingEdit = {
    ...newEdit(waiting?.opId ?? now.newId(), atBase.changes, 'patch', now.nowMs),
    extends: {
      ticketId,
      baseVersion: atBase.version,
      added: compose(waiting?.extends?.added ?? [], added),
    },
  };
  return [...pending.filter((edit) => edit !== waiting), addition];
}

function moveToDraft(
  state: DocumentState,
  ticket: RefusedEdit | undefined,
  reason: DraftReason,
  opIds: readonly string[],
  added: Changes,
  now: Circumstances,
): DocumentState {
  const first = ticket?.proposal[0];
  const place = first ? startOf(first) : { line: 0, character: 0 };
  const draft: RefusedEdit = {
    refusedId: now.newId(),
    opIds,
    reason,
    atBase: { version: ticket?.atBase.version ?? state.confirmed.version, changes: [] },
    edition: 0,
    proposal: [replace(place, place, '')],
  };
  const refused = state.refused.map((edit) =>
    edit === ticket ? { ...edit, additionsDraftId: draft.refusedId } : edit,
  );
  return addToDraft({ ...state, refused: [...refused, draft] }, draft.refusedId, added);
}

/** Such a draft has its text at one place: the ticket's text is not there to build on. */
function addToDraft(state: DocumentState, draftId: string, added: Changes): DocumentState {
  const draft = state.refused.find((edit) => edit.refusedId === draftId);
  if (!draft) return state;
  const changes = compose(draft.atBase.changes, added);
  const text = changes.map((change) => change.text).join('');
  const first = draft.proposal[0];
  const place = first ? startOf(first) : { line: 0, character: 0 };
  return exchange(state, draft, {
    ...draft,
    atBase: { ...draft.atBase, changes },
    edition: draft.edition + 1,
    proposal: [replace(place, place, text)],
  });
}

function exchange(state: DocumentState, before: RefusedEdit, after: RefusedEdit): DocumentState {
  return { ...state, refused: state.refused.map((edit) => (edit === before ? after : edit)) };
}
