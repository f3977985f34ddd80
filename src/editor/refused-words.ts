/**
 * Owns: what a refused edit is said to be, where it stands: the text that it puts there, or what it does if it puts
 * none. Does not know: how that is worded.
 */
import type { Changes } from '../core/change.ts';
import { type MovesProposed, movesProposed } from '../core/moves-proposed.ts';
import type { TicketPart } from '../core/ticket-texts.ts';

export type Refused =
  | { readonly tag: 'text'; readonly text: string }
  /** Text is taken away, and none is put in its place. */
  | { readonly tag: 'deletion' }
  | { readonly tag: 'moves'; readonly moves: MovesProposed }
  /** Something else about the file, by its name in the history: `content`, `mode`, and so on. */
  | { readonly tag: 'other'; readonly kind: string };

export interface RefusedTicket {
  readonly kind: string;
  readonly payload: string;
  readonly parts: readonly Pick<TicketPart, 'proposedText'>[];
}

/** `part` is what the ticket proposes for the text of its own file. A ticket of several changes may have it for others. */
export function refusedOfTicket(
  ticket: RefusedTicket,
  part: Pick<TicketPart, 'proposed' | 'proposedText'> | undefined,
): Refused {
  if (part) return refusedOfText(part.proposedText, part.proposed);
  const moves = movesProposed(ticket);
  if (moves) return { tag: 'moves', moves };
  if (ticket.kind !== 'edit') return { tag: 'other', kind: ticket.kind };
  const elsewhere = ticket.parts.find(({ proposedText }) => proposedText !== '');
  return elsewhere
    ? { tag: 'text', text: elsewhere.proposedText }
    : { tag: 'other', kind: ticket.kind };
}

/** `shown` is what is left to be done of `made`, which may be nothing: others may have done the same. */
export function refusedOfDraft(shown: Changes, made: Changes): Refused {
  const text = textOf(shown);
  return refusedOfText(text === '' ? textOf(made) : text, made);
}

function refusedOfText(text: string, changes: Changes): Refused {
  if (text !== '') return { tag: 'text', text };
  const isDeletion = changes.length > 0 && changes.every((change) => change.text === '');
  return isDeletion ? { tag: 'deletion' } : { tag: 'other', kind: 'edit' };
}

function textOf(changes: Changes): string {
  return changes.map(({ text }) => text).join('\n');
}
