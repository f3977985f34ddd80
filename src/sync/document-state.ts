/**
 * Owns: what is known of one document and its file, as a value, and the equation that holds it
 * together. Does not know: how it changes (each kind of change has a file of its own), editors,
 * connections, time.
 */
import { type Changes, describeChange } from '../core/change.ts';
import { compose } from '../core/compose.ts';
import type { Batch, SubmittedOp } from '../core/op.ts';
import type { Text } from '../core/text.ts';
import type { CommittedChange } from './crossing.ts';
import { composeEdits, isInText, type PendingEdit } from './pending-edit.ts';
import type { VersionedText } from './ports.ts';
import { EMPTY_STACK, type UndoStack } from './undo-stack.ts';

/**
 * The state of a bound document. With ∘ for "and then", at every moment
 *
 *     confirmed ∘ inFlight ∘ pending  =  shadow ∘ remote
 *
 * that is: what the world will have once it takes the user's edits is what the editor will show once
 * it has taken the world's.
 */
export interface DocumentState {
  /** The world's text at the newest version that was delivered. */
  readonly confirmed: VersionedText;
  readonly inFlight: InFlight | undefined;
  /** Edits not sent yet. Those that only extend a ticket are no part of the equation. */
  readonly pending: readonly PendingEdit[];
  /** What the editor does not have yet, each relative to the result of the one before. */
  readonly remote: readonly RemoteEntry[];
  /** The editor's text after the last event that was processed. */
  readonly shadow: Text;
  /** The user's text that the world refused or put in a ticket, for showing it at its place. */
  readonly refused: readonly RefusedEdit[];
  /** What the user can take back, relative to the text that both sides of the equation lead to. */
  readonly undo: UndoStack;
}

/** A batch that was sent and is not answered. */
export interface InFlight {
  /** As it was sent: sent again, it must be the same to the byte. */
  readonly batch: Batch;
  /** The text that the batch was made on. */
  readonly base: Text;
  /** The ops of it that have not come back as committed ones, in order. */
  readonly awaited: readonly string[];
  /** What they will do if the world only rebases them; an edit that will do nothing is left out. */
  readonly edits: readonly PendingEdit[];
}

/** Something that the editor will be given. */
export type RemoteEntry =
  | ({ readonly tag: 'committed' } & CommittedChange)
  /**
   * Brings the editor to what the world has: after a committed form that was not foreseen, after the
   * editor got its text from a disk, or after the user took a step back.
   */
  | {
      readonly tag: 'correction';
      readonly changes: Changes;
      readonly after: 'surprise' | 'disk' | 'undo';
    }
  | Withdrawal;

/** Takes refused text out of the editor. */
export interface Withdrawal {
  readonly tag: 'withdrawal';
  readonly refusedId: string;
  readonly changes: Changes;
  /** From the text before it to the text that the refused batch made of its base, additions included. */
  readonly toTicket: Changes;
}

/** Text of the user's own that is not in the file because the world did not take it. */
export interface RefusedEdit {
  /** The draft's id, or `ticket-N`. */
  readonly refusedId: string;
  readonly opIds: readonly string[];
  readonly reason: RefusalReason;
  /** All that is refused as the ticket has it: relative to the version that the batch was made on. */
  readonly atBase: { readonly version: number; readonly changes: Changes };
  /** Where all of it is the work of one agent: what was sent of it, as in `Draft`. */
  readonly agentEdit?: SubmittedOp;
  /** Where additions to the ticket were refused: the draft that has them and takes what follows. */
  readonly additionsDraftId?: string;
  /** Grows when more text joins the refused edit; not when it merely moves. */
  readonly edition: number;
  /**
   * What would put it back, relative to the text once all that is under way has arrived; when
   * nothing is under way that is the editor's text.
   */
  readonly proposal: Changes;
}

export type RefusalReason =
  | {
      readonly tag: 'ticket';
      readonly ticketId: number;
      /** The ticket has more than this window, which crashed, remembers: nothing may replace it. */
      readonly isForgotten?: true;
    }
  | { readonly tag: 'draft'; readonly code: string; readonly message: string };

/** A document that has just been opened with the world's text. */
export function openedState(start: VersionedText): DocumentState {
  return {
    confirmed: start,
    inFlight: undefined,
    pending: [],
    remote: [],
    shadow: start.text,
    refused: [],
    undo: EMPTY_STACK,
  };
}

/** True when the editor, the world and this state have nothing left to tell each other. */
export function isSettled(state: DocumentState): boolean {
  return !state.inFlight && state.pending.length === 0 && state.remote.length === 0;
}

/** All of the user's edits that are not confirmed, as one set of changes on the confirmed text. */
export function unconfirmedChanges(state: DocumentState): Changes {
  return compose(composeEdits(state.inFlight?.edits ?? []), composeEdits(state.pending));
}

/** All that the editor does not have yet, as one set of changes on the shadow. */
export function remoteChanges(remote: readonly RemoteEntry[]): Changes {
  return remote.reduce<Changes>((all, entry) => compose(all, entry.changes), []);
}

/** The same text as `targetText`, from the editor's side: what it will show. */
export function comingText({ shadow, remote }: DocumentState): Text {
  return remote.reduce((text, entry) => text.apply(entry.changes), shadow);
}

/** The text that both sides are on their way to. */
export function targetText(state: DocumentState): Text {
  let text = state.confirmed.text;
  for (const edit of [...(state.inFlight?.edits ?? []), ...state.pending]) {
    if (isInText(edit)) text = text.apply(edit.changes);
  }
  return text;
}

/** True when the equation of `DocumentState` holds. Costs the length of the file. */
export function isBalanced(state: DocumentState): boolean {
  return targetText(state).toString() === comingText(state).toString();
}

/** Throws an Error that pictures both states if the equation does not hold after a step. */
export function assertBalanced(state: DocumentState, before: DocumentState): void {
  if (isBalanced(state)) return;
  throw new Error(
    `confirmed ∘ inFlight ∘ pending is not shadow ∘ remote\n` +
      `${describeState(state)}\nbefore:\n${describeState(before)}`,
  );
}

/** A picture of a state for failing tests. It shows text: never for logs. */
export function describeState(state: DocumentState): string {
  const show = (changes: Changes): string => changes.map(describeChange).join(', ') || 'nothing';
  const edit = (name: string) => (edit: PendingEdit) =>
    `${name} ${edit.opId} ${edit.extends ? `for ticket ${edit.extends.ticketId} ` : ''}${show(edit.changes)}`;
  return [
    `confirmed ${state.confirmed.version} ${JSON.stringify(state.confirmed.text.toString())}`,
    ...(state.inFlight?.edits ?? []).map(edit('in flight')),
    ...state.pending.map(edit('pending')),
    `shadow ${JSON.stringify(state.shadow.toString())}`,
    ...state.remote.map((entry) => `remote ${entry.tag} ${show(entry.changes)}`),
    ...state.refused.map((refused) => `refused ${refused.refusedId} ${show(refused.proposal)}`),
  ].join('\n');
}
