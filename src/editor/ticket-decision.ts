/**
 * Owns: what became of a decision about a ticket, whatever the connection did. Does not know: how that is told.
 */
import { type Decision, decideTicket } from '../world/decide-ticket.ts';
import { LinkFailure } from '../world/link-failure.ts';
import type { RandomBytes } from '../world/uuid.ts';
import { WorldError } from '../world/world-error.ts';
import type { Ticket } from '../world/world-rows.ts';
import type { WorldSession } from '../world/world-session.ts';

export type Decided =
  | { readonly tag: 'done' }
  /** Somebody changed the text in between. `currentText` is what stands there now. */
  | { readonly tag: 'moved'; readonly currentText: string | undefined }
  /** Somebody else had decided. */
  | { readonly tag: 'late' }
  /** Nothing was decided. */
  | { readonly tag: 'not_connected' }
  | { readonly tag: 'failed'; readonly message: string };

/** Carries a decision out; waits where the connection ends meanwhile. Rejects only for bugs. */
export async function decided(
  session: WorldSession,
  ticket: Ticket,
  decision: Decision,
  randomBytes: RandomBytes,
): Promise<Decided> {
  if (!session.link) return { tag: 'not_connected' };
  try {
    const answer = await decideTicket(session, ticket, decision, randomBytes);
    if (answer.tag !== 'refused') return { tag: 'done' };
    const { code, message, details } = answer.refusal;
    if (code === 'already_resolved') return { tag: 'late' };
    if (code !== 'head_moved') return { tag: 'failed', message };
    const { headText } = details;
    return { tag: 'moved', currentText: typeof headText === 'string' ? headText : undefined };
  } catch (error) {
    if (error instanceof LinkFailure) return { tag: 'not_connected' };
    // The world was left, or lets us in no more.
    if (error instanceof WorldError) return { tag: 'failed', message: error.message };
    throw error;
  }
}
