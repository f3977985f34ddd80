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
  unconfirmedChanges,
} from './document-state.ts';
import type { Draft } from './draft.ts';
import {
  composeEdits,
  isInText,
  moveExtension,
  newEdit,
  type PendingEdit,
} from './pending-edit.ts';
import { moveProposal, type Proposal, wholeProposal } from './proposal.ts';

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
  const free: DocumentState = { ...state, inFlight: undefined };
  if (inFlight.batch.extends !== 0) return withdrawExtension(free, inFlight, reason, now);
  const removal = takeOut(state.confirmed.text, inFlight.edits, state.pending);
  const proposal = wholeProposal(removal.proposal);
  const refused: RefusedEdit = {
    refusedId: reason.tag === 'ticket' ? `ticket-${reason.ticketId}` : now.newId(),
    opIds: inFlight.batch.ops.map((op) => op.opId),
    reason,
    edition: 1,
    proposal,
  };
  const changes = invert(proposal, removal.text);
  const moved: DocumentState = {
    ...free,
    pending: removal.pending,
    remote: [
      ...state.remote,
      { tag: 'withdrawal', changes, refusedId: refused.refusedId, proposal },
    ],
    refused: [...moveRefused(state.refused, changes), refused],
  };
  return addToTicket(moved, refused, removal.proposal, now);
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
 * Takes in what was typed into refused text while it waited to be taken out of the editor;
 * `proposal` is relative to the text once all that is under way has arrived.
 */
export function joinRefused(
  state: DocumentState,
  refusedId: string,
  proposal: Proposal,
  now: Circumstances,
): DocumentState {
  const refused = state.refused.find((edit) => edit.refusedId === refusedId);
  if (!refused) return state;
  const joined: RefusedEdit = {
    ...refused,
    edition: refused.edition + 1,
    proposal: wholeProposal(proposal),
  };
  const edits = state.refused.map((edit) => (edit === refused ? joined : edit));
  return addToTicket({ ...state, refused: edits }, joined, proposal, now);
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

interface Removal {
  /** The text without the refused edits, and with the pending ones. */
  readonly text: Text;
  readonly pending: readonly PendingEdit[];
  /** What was refused, and what joined it, relative to `text`. */
  readonly proposal: Proposal;
}

/** Turns "refused, then pending" into "pending, then refused", joining what cannot be told apart. */
function takeOut(
  confirmed: Text,
  refused: readonly PendingEdit[],
  pending: readonly PendingEdit[],
): Removal {
  let text = confirmed;
  let proposal: Proposal = { held: composeEdits(refused), further: [] };
  const kept: PendingEdit[] = [];
  for (const edit of pending) {
    if (!isInText(edit)) {
      kept.push(moveExtension(edit, invert(wholeProposal(proposal), text)));
      continue;
    }
    const { touching, rest } = separateTouching(
      edit.changes,
      invert(wholeProposal(proposal), text),
    );
    proposal = { ...proposal, further: compose(proposal.further, touching) };
    const changes = rebase(rest, invert(wholeProposal(proposal), text), 'after');
    proposal = moveProposal(proposal, changes);
    text = text.apply(changes);
    if (changes.length > 0) kept.push({ ...edit, changes });
  }
  return { text, pending: kept, proposal };
}

/**
 * Puts an edit in the outbox that tells a ticket what was added to its text. It joins one that
 * waits there for the same ticket.
 */
function addToTicket(
  state: DocumentState,
  refused: RefusedEdit,
  proposal: Proposal,
  now: Circumstances,
): DocumentState {
  if (refused.reason.tag !== 'ticket' || proposal.further.length === 0) return state;
  const { ticketId } = refused.reason;
  const at = state.pending.findIndex((edit) => edit.extends === ticketId);
  const waiting = state.pending[at];
  const before = waiting && moveExtension(waiting, composeEdits(state.pending.slice(at + 1)));
  const extension: PendingEdit = {
    ...(before ?? newEdit(now.newId(), [], 'patch', now.nowMs)),
    extends: ticketId,
    over: before?.over ?? proposal.held,
    changes: compose(before?.changes ?? [], proposal.further),
  };
  return { ...state, pending: [...state.pending.filter((edit) => edit !== waiting), extension] };
}

/** What extends a ticket was never in the text. In a ticket it is safe; refused, it becomes a draft. */
function withdrawExtension(
  state: DocumentState,
  inFlight: InFlight,
  reason: RefusalReason,
  now: Circumstances,
): DocumentState {
  const [sent] = inFlight.edits;
  if (reason.tag === 'ticket' || !sent) return state;
  // What waits for the same ticket builds on what was refused.
  const waiting = state.pending.filter((edit) => edit.extends === sent.extends);
  const further = waiting.reduce<Changes>(
    (all, edit) => compose(all, edit.changes),
    moveExtension(sent, composeEdits(state.pending)).changes,
  );
  const ground = moveExtension(sent, composeEdits(state.pending)).over;
  const { text } = state.confirmed;
  const whole = text.apply(composeEdits(state.pending));
  const draft: RefusedEdit = {
    refusedId: now.newId(),
    opIds: [sent, ...waiting].map((edit) => edit.opId),
    reason,
    edition: 1,
    proposal: rebase(further, invert(ground, whole), 'after'),
  };
  return {
    ...state,
    pending: state.pending.filter((edit) => !waiting.includes(edit)),
    refused: [...state.refused, draft],
  };
}
