/**
 * Owns: what happens to the user's text that a world puts in a ticket or refuses (S6): it is taken
 * out of the text, what was typed into it goes with it, and it keeps its place. Does not know: how
 * refused text is shown, who decides about it, where drafts are stored.
 */
import { type Changes, endOf, startOf } from '../core/change.ts';
import { compose } from '../core/compose.ts';
import { invert } from '../core/invert.ts';
import type { SubmittedOp } from '../core/op.ts';
import { rebase } from '../core/rebase.ts';
import type { Text } from '../core/text.ts';
import type { Circumstances } from './crossing.ts';
import {
  comingText,
  type DocumentState,
  type InFlight,
  type RefusalReason,
  type RefusedEdit,
  unconfirmedChanges,
  type Withdrawal,
} from './document-state.ts';
import type { Draft } from './draft.ts';
import { minimalChanges } from './minimal-changes.ts';
import { composeEdits, isInText, type PendingEdit, withChanges } from './pending-edit.ts';
import { addToTicket, ticketRefusedId, withdrawAddition } from './ticket-additions.ts';
import { separateTouching } from './touching.ts';
import { withdrawSteps } from './withdraw-steps.ts';

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
  const { batch, base, edits } = inFlight;
  if (batch.extends !== 0) return withdrawAddition(state, inFlight, reason, now);
  const { text, held, joined, joinedEdits, pending } = takeOut(
    state.confirmed.text,
    edits,
    state.pending,
  );
  const proposal = compose(held, joined);
  const changes = invert(proposal, text);
  const sent = batch.ops.reduce<Changes>((all, op) => compose(all, op.changes), []);
  const toTicket = minimalChanges(text.apply(held), base.apply(sent).toString(), 'characters');
  const joinedAtBase = rebase(joined, toTicket, 'after');
  const agentEdit = agentEditOf(batch.ops, joinedEdits, joinedAtBase);
  const refused: RefusedEdit = {
    refusedId: reason.tag === 'ticket' ? ticketRefusedId(reason.ticketId) : now.newId(),
    opIds: batch.ops.map((op) => op.opId),
    reason,
    atBase: { version: batch.ops[0]!.expectedBaseVersion, changes: sent },
    edition: 1,
    proposal,
    ...(agentEdit && reason.tag === 'draft' && { agentEdit }),
  };
  const withdrawal: Withdrawal = {
    tag: 'withdrawal',
    refusedId: refused.refusedId,
    changes,
    toTicket: rebase(toTicket, joined, 'before'),
  };
  const moved: DocumentState = {
    ...free,
    pending,
    remote: [...state.remote, withdrawal],
    refused: [...moveRefused(state.refused, changes), refused],
    undo: withdrawSteps(state.undo, changes, comingText(state)),
  };
  return addToTicket(moved, refused, joinedAtBase, now);
}

/** What the agent's batch of one op and what joined it come to as one op; undefined where somebody else has a part. */
function agentEditOf(
  [op, ...others]: readonly SubmittedOp[],
  joinedEdits: readonly PendingEdit[],
  joinedAtBase: Changes,
): SubmittedOp | undefined {
  if (!op || op.author === '' || others.length > 0) return undefined;
  if (joinedEdits.some(({ author }) => author !== op.author)) return undefined;
  if (joinedAtBase.length === 0) return op;
  const { returned: _ofPart, ...sent } = op;
  return { ...sent, changes: compose(op.changes, joinedAtBase) };
}

/** Moves refused text along with a change of the text that it stands in. */
export function moveRefused(
  refused: readonly RefusedEdit[],
  changes: Changes,
): readonly RefusedEdit[] {
  if (refused.length === 0 || changes.length === 0) return refused;
  return refused.map((edit) => ({ ...edit, proposal: rebase(edit.proposal, changes, 'after') }));
}

/** What was typed into refused text that waits to be taken out of the editor. */
export interface Addition {
  readonly refusedId: string;
  /** Relative to the ticket's text. */
  readonly changes: Changes;
  /** All that is refused by now, relative to the text once all that is under way has arrived. */
  readonly proposal: Changes;
}

/** Takes in what was typed into refused text. */
export function joinRefused(
  state: DocumentState,
  { refusedId, changes, proposal }: Addition,
  now: Circumstances,
): DocumentState {
  const refused = state.refused.find((edit) => edit.refusedId === refusedId);
  if (!refused) return state;
  // Words of the user's are nothing that an agent is judged by.
  const { agentEdit: _no, ...others } = refused;
  const joined: RefusedEdit = { ...others, edition: refused.edition + 1, proposal };
  const edits = state.refused.map((edit) => (edit === refused ? joined : edit));
  return addToTicket({ ...state, refused: edits }, joined, changes, now);
}

/**
 * True when all that was refused is the work of one agent and stays so: nothing of the user's has joined it, and it
 * has left the editor, so that nothing can be typed into it any more. So it is too where it is not known here.
 */
export function isWholeAgents({ refused, remote }: DocumentState, refusedId: string): boolean {
  const edit = refused.find((kept) => kept.refusedId === refusedId);
  if (edit && !edit.agentEdit) return false;
  return !remote.some((entry) => entry.tag === 'withdrawal' && entry.refusedId === refusedId);
}

/** Cuts local edits, made on `before`, into what belongs to refused text there and the others, moved past it. */
export function passWithdrawal(
  edits: readonly PendingEdit[],
  withdrawal: Withdrawal,
  before: Text,
): PassedWithdrawal {
  let { changes, toTicket } = withdrawal;
  let text = before;
  let added: Changes = [];
  let isJoined = false;
  const passed: PendingEdit[] = [];
  for (const edit of edits) {
    const { touching, rest } = separateTouching(edit.changes, changes);
    isJoined ||= touching.length > 0;
    added = compose(added, rebase(touching, toTicket, 'after'));
    toTicket = rebase(toTicket, touching, 'before');
    if (touching.length > 0) changes = compose(invert(touching, text), changes);
    text = text.apply(touching);
    const moved = rebase(rest, changes, 'after');
    changes = rebase(changes, rest, 'before');
    if (rest.length > 0) toTicket = compose(invert(rest, text), toTicket);
    text = text.apply(rest);
    if (moved.length > 0) passed.push(withChanges(edit, moved));
  }
  return {
    edits: passed,
    entry: { ...withdrawal, changes, toTicket },
    added,
    proposal: isJoined ? invert(changes, text) : undefined,
  };
}

export interface PassedWithdrawal {
  readonly edits: readonly PendingEdit[];
  readonly entry: Withdrawal;
  /** What joined, relative to the ticket's text. */
  readonly added: Changes;
  /** All that is refused, relative to the result of `entry`, if anything joined. */
  readonly proposal: Changes | undefined;
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
    ...(refused.agentEdit && { agentEdit: refused.agentEdit }),
  };
}

interface Removal {
  /** The text without the refused edits, and with the pending ones. */
  readonly text: Text;
  readonly pending: readonly PendingEdit[];
  /** What was refused, relative to `text`. */
  readonly held: Changes;
  /** What joined it, relative to the result of `held`. */
  readonly joined: Changes;
  /** Those that it is of. */
  readonly joinedEdits: readonly PendingEdit[];
}

/** Turns "refused, then pending" into "pending, then refused", joining what cannot be told apart. */
function takeOut(
  confirmed: Text,
  refused: readonly PendingEdit[],
  pending: readonly PendingEdit[],
): Removal {
  let text = confirmed;
  let held = composeEdits(refused);
  let joined: Changes = [];
  const joinedEdits: PendingEdit[] = [];
  const kept: PendingEdit[] = [];
  for (const edit of pending) {
    if (!isInText(edit)) {
      kept.push(edit);
      continue;
    }
    const { touching, rest } = separateTouching(edit.changes, invert(compose(held, joined), text));
    joined = compose(joined, touching);
    if (touching.length > 0) joinedEdits.push(edit);
    const changes = rebase(rest, invert(compose(held, joined), text), 'after');
    const pastHeld = rebase(changes, held, 'after');
    held = rebase(held, changes, 'before');
    joined = rebase(joined, pastHeld, 'before');
    text = text.apply(changes);
    if (changes.length > 0) kept.push(withChanges(edit, changes));
  }
  return { text, pending: kept, held, joined, joinedEdits };
}
