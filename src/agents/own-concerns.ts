/** Owns: what in a world waits for an agent: its tickets, what was said to it, what its folders ask. */
import type { Restoration } from '../world/restoration-rows.ts';
import { standingRestorations } from '../world/restorations.ts';
import type { Note, Ticket } from '../world/world-rows.ts';
import type { WorldSession } from '../world/world-session.ts';

type Member = Pick<WorldSession, 'view' | 'identity'>;

/** The agent's own open tickets, as their rows tell them. */
export function ownTickets({ view, identity }: Member): readonly Ticket[] {
  return [...view.tickets.values()].filter((ticket) => ticket.author === identity);
}

/** What others have said to the agent, or to all, after a note; the oldest first. */
export function heardBy({ view, identity }: Member, afterNoteId: number): readonly Note[] {
  return [...view.notes.values()]
    .filter(
      ({ kind, noteId, author, to }) =>
        kind === 'message' &&
        noteId > afterNoteId &&
        author !== identity &&
        (to === undefined || to === identity),
    )
    .sort((a, b) => a.noteId - b.noteId);
}

/**
 * What the agent's own folders ask and nobody has answered, or answered with `leave`, the oldest first:
 * it waits for somebody else. `restorationSentence` says it in words.
 */
export function ownQuestions({ view, identity }: Member): readonly Restoration[] {
  return standingRestorations(view).filter(({ folderOf }) => folderOf === identity);
}
