import type { Changes } from '../core/change.ts';
import type { Resolution } from '../core/op-payload.ts';
import { newUuid, type RandomBytes } from './uuid.ts';
import { mutable, type Ticket, type TicketPart } from './world-rows.ts';
import type { DeliveryAnswer, WorldSession } from './world-session.ts';

/** How a ticket is closed; the changes of a patch are relative to the head that the ticket shows. */
export type Decision =
  | { readonly resolution: Exclude<Resolution, 'patch'> }
  | { readonly resolution: 'patch'; readonly changes: Changes };

/** Closes a ticket. Refused with `head_moved` when its file is another by now than the one shown. */
export function decideTicket(
  session: WorldSession,
  ticket: Pick<Ticket, 'ticketId' | 'fileId' | 'parts'>,
  decision: Decision,
  randomBytes: RandomBytes,
  signal?: AbortSignal,
): Promise<DeliveryAnswer> {
  const { ticketId, fileId } = ticket;
  const opId = newUuid(session.clock.nowMs(), randomBytes);
  const head = session.view.files.get(fileId)?.version ?? 0;
  const part = ticket.parts.find((each) => each.fileId === fileId);
  const expectedHeadVersion = part?.headVersion ?? head;
  const { resolution } = decision;
  // A patch of one file of several leaves the others as they were proposed.
  const parts =
    resolution === 'accept_head'
      ? []
      : ticket.parts.map((each) => ({
          fileId: each.fileId,
          expectedHeadVersion: each.headVersion,
          changes: mutable(changesOf(each, each.fileId === fileId ? decision : undefined)),
        }));
  const args = { opId, ticketId, expectedHeadVersion, resolution, parts };
  return session.deliver('resolve_conflict', args, [opId], signal);
}

function changesOf(part: TicketPart, decision: Decision | undefined): Changes {
  return decision?.resolution === 'patch' ? decision.changes : part.changes;
}
