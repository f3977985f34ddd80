/**
 * Owns: which pending edits make the next batch, and what it says about them (S2). Does not know:
 * connections, answers.
 */
import type { SubmittedOp } from '../core/op.ts';
import type { Circumstances } from './crossing.ts';
import type { DocumentState, RefusalReason } from './document-state.ts';
import { hasForeignText, isContested, isInText, type PendingEdit } from './pending-edit.ts';

/**
 * Why no world would take the batch in flight; undefined where one may. Asked here, since what is not
 * Unicode would be replaced on its way, without a word.
 */
export function faultOfSending({ inFlight }: DocumentState): Refusal | undefined {
  return inFlight?.edits.some(hasForeignText) ? FOREIGN_TEXT : undefined;
}

type Refusal = RefusalReason & { readonly tag: 'draft' };

const FOREIGN_TEXT: Refusal = {
  tag: 'draft',
  code: 'bad_text',
  message:
    'A world keeps Unicode text only. This has half of a character (a lone surrogate), a NUL or a byte order mark.',
};

/** Bounds of one batch: a ticket holds all of it, so it should stay small. */
const MAX_BATCH_EDITS = { together: 8, apart: 128 } as const;

/**
 * Puts the next edits in flight, unless a batch is already there or there is nothing to send. An
 * edit that overlaps something, that extends a ticket, or that the world may know already is a batch
 * of its own.
 */
export function startSending(
  state: DocumentState,
  fileId: number,
  now: Circumstances,
): DocumentState {
  if (state.inFlight || state.pending.length === 0) return state;
  // What comes behind it is made on its text.
  if (state.pending[0]!.doubt !== undefined) return state;
  const count = batchLength(state.pending, MAX_BATCH_EDITS[now.waitingKeys]);
  const edits = state.pending.slice(0, count);
  const { version, text } = state.confirmed;
  const added = edits[0]!.extends;
  const base = added?.baseVersion ?? version;
  const ops = edits.map((edit, index) => submit(edit, fileId, index === 0 ? base : 0));
  return {
    ...state,
    pending: state.pending.slice(count),
    inFlight: {
      batch: { batchId: now.newId(), extends: added?.ticketId ?? 0, ops },
      base: text,
      awaited: edits.map((edit) => edit.opId),
      edits,
    },
  };
}

function batchLength(pending: readonly PendingEdit[], most: number): number {
  const limit = Math.min(pending.length, most);
  let length = 0;
  while (length < limit && !travelsAlone(pending[length]!)) length++;
  return Math.max(1, length);
}

function travelsAlone(edit: PendingEdit): boolean {
  const isPlain = isInText(edit) && !isContested(edit) && !hasForeignText(edit);
  const isUsers = edit.doubt === undefined && edit.author === undefined;
  return !isPlain || !isUsers || edit.isRestored === true;
}

function submit(edit: PendingEdit, fileId: number, expectedBaseVersion: number): SubmittedOp {
  const { opId, intent, author, carriedFrom, overlaps, changes, returned } = edit;
  return {
    opId,
    fileId,
    expectedBaseVersion,
    intent,
    author: author ?? '',
    carriedFrom,
    overlaps,
    rangeHashes: [],
    changes,
    ...(returned && { returned }),
  };
}
