import type { Row } from '../../world/bindings.ts';
import type { Link } from '../../world/link.ts';
import { memberName } from '../../world/member-name.ts';
import { readRows } from '../../world/read-rows.ts';
import { identityHex } from '../../world/identity-hex.ts';
import type { WorldView } from '../../world/world-view.ts';

/** What became of a ticket that is not open any more, as the end of a sentence. */
export async function readClosedTicket(
  link: Link,
  view: WorldView,
  ticketId: number,
): Promise<string> {
  const [row] = await readRows(link, {
    table: 'conflict_ticket',
    conditions: [`ticket_id = ${ticketId}`],
    isWanted: (row: Row<'conflict_ticket'>) => row.ticketId === ticketId,
  });
  if (!row || row.status === 'open') return 'the world says no more of it';
  const by =
    row.resolvedBy === undefined ? '' : ` by ${memberName(view, identityHex(row.resolvedBy))}`;
  if (row.status === 'withdrawn') return `it was withdrawn${by}`;
  switch (row.resolution) {
    case 'accept_head':
      return `the text stays as others made it, decided${by}`;
    case 'rebase':
      return `what it proposed is in the text, decided${by}`;
    case 'patch':
      return `another text is in its place, decided${by}`;
    default:
      return `it was decided${by}`;
  }
}
