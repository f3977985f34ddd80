import type { Link } from '../../world/link.ts';
import { readHeadSeq } from '../../world/read-head.ts';
import type { WorldView } from '../../world/world-view.ts';
import { NO_BODY, type Reply } from './answer.ts';
import type { TextShelf } from './text-shelf.ts';
import { viewTicket } from './ticket-view.ts';

interface Ticketed {
  readonly view: WorldView;
  readonly shelf: TextShelf;
  /** What was to be changed, for a sentence. */
  readonly what: string;
  readonly ticketId: number;
}

/** What an agent is told whose change waits for a decision. */
export async function ticketReply(
  link: Link,
  { view, shelf, what, ticketId }: Ticketed,
): Promise<Reply> {
  // The answer may come before the ticket's row.
  if (!view.tickets.has(ticketId)) await readHeadSeq(link);
  const listed = view.tickets.get(ticketId);
  const ticket = listed && (await viewTicket(link, view, shelf, listed));
  const others = ticket?.others.join(' and ') || 'others';
  const path = ticket?.path ?? 'the file';
  const message = `Your change of ${what} is not in the world: all of it waits in ticket ${ticketId} (${ticket?.reason ?? 'closed meanwhile'}). ${reasonText(ticket?.reason, others)}`;
  return {
    outcome: 'ticket',
    code: 'ticket',
    message: message.trimEnd(),
    next: [
      `If the world now already has what you wanted, withdraw ticket ${ticketId}.`,
      `Otherwise read ${path}, make your change again on the text as it is now, and withdraw ticket ${ticketId} then.`,
      `Where ${others} and you want different things, send ${others} a message, or leave the ticket to a person.`,
    ],
    body: ticket ? { kind: 'ticket', ticket } : NO_BODY,
  };
}

/** Why a world keeps a change in a ticket, as a sentence; empty for a reason of later versions. */
export function reasonText(reason: string | undefined, others: string): string {
  switch (reason) {
    case 'overlap':
      return `You and ${others} changed the same text.`;
    case 'range_changed':
      return `Text that you name was changed by ${others}.`;
    case 'deleted':
      return 'The file was deleted meanwhile.';
    case 'too_stale':
      return 'The text that you changed is too far behind the file.';
    case 'concurrent':
      return `The file was changed by ${others} meanwhile.`;
    case 'path_taken':
      return 'There is a file at that path.';
    case 'renamed':
      return `The file was renamed meanwhile by ${others}.`;
    default:
      return '';
  }
}
