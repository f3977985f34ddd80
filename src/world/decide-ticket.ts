import type { Changes } from '../core/change.ts';
import { waitingSteps } from '../core/file-steps.ts';
import type { Resolution } from '../core/op-payload.ts';
import type { TicketPart } from '../core/ticket-texts.ts';
import type { ReducerArguments, ReducerName } from './bindings.ts';
import type { Link } from './link.ts';
import { LinkFailure } from './link-failure.ts';
import { isApart, readTicket, readTicketPayload } from './read-ticket.ts';
import { newUuid, type RandomBytes } from './uuid.ts';
import { mutable, type Ticket } from './world-rows.ts';
import type { DeliveryAnswer, WorldSession } from './world-session.ts';

/** How a ticket is closed; the changes of a patch are relative to the head that the ticket shows. */
export type Decision =
  | { readonly resolution: Exclude<Resolution, 'patch'> }
  | { readonly resolution: 'patch'; readonly changes: Changes };

/**
 * Closes a ticket. Refused with `head_moved` when its file is another by now than the one shown, which
 * the part for its own file tells. Rejects as `deliver`; with `LinkFailure`, nothing decided, where each connection
 * ended while the ticket's texts were read.
 */
export async function decideTicket(
  session: WorldSession,
  ticket: Ticket,
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
  const parts =
    resolution === 'accept_head' ? [] : await readParts(session, ticket, decision, signal);
  const args = { opId, ticketId, expectedHeadVersion, resolution, parts };
  const reducer = isApart(ticket) ? 'resolve_ticket' : resolveReducer(session);
  return session.deliver(reducer, args, [opId], signal);
}

type SentPart = ReducerArguments<'resolve_ticket'>['parts'][number];

/** Read again through the next connection, as what is sent then is sent again. */
async function readParts(
  session: WorldSession,
  ticket: Ticket,
  decision: Decision,
  signal: AbortSignal | undefined,
): Promise<SentPart[]> {
  for (let left = MOST_READS; ; left--) {
    const link = await session.whenOnline(signal);
    try {
      return await partsOf(session, link, ticket, decision);
    } catch (error) {
      if (!(error instanceof LinkFailure) || left === 1) throw error;
    }
  }
}

/** A patch of one file of several leaves the others as they were proposed. */
async function partsOf(
  session: WorldSession,
  link: Link,
  ticket: Ticket,
  decision: Decision,
): Promise<SentPart[]> {
  const texts = (await allParts(link, ticket)).map((each) => ({
    fileId: each.fileId,
    expectedHeadVersion: each.headVersion,
    changes: mutable(changesOf(ticket, each, decision)),
  }));
  const payload = await readTicketPayload(link, ticket);
  const known = new Set(texts.map(({ fileId }) => fileId));
  // Files that a step takes away, or gives another content: whoever decides has seen this version.
  const steps = waitingSteps(payload ?? '') ?? [];
  const others = new Set(steps.map(({ fileId }) => fileId));
  const whole = [...others].filter((fileId) => fileId > 0 && !known.has(fileId));
  return [
    ...texts,
    ...whole.map((fileId) => {
      const expectedHeadVersion = session.view.files.get(fileId)?.version ?? 0;
      return { fileId, expectedHeadVersion, changes: [] };
    }),
  ];
}

/** The reducer that decides any ticket; a module of 0.1.0 has another, and only tickets for that. */
export function resolveReducer({
  moduleLevel,
}: Pick<WorldSession, 'moduleLevel'>): 'resolve_ticket' | 'resolve_conflict' {
  const name: ReducerName = moduleLevel >= APART_LEVEL ? 'resolve_ticket' : 'resolve_conflict';
  return name;
}

/** The row of a ticket with long texts names the places only, and not of every file. */
async function allParts(link: Link, ticket: Ticket): Promise<readonly TicketPart[]> {
  const { fileId, parts } = ticket;
  if (!isApart(ticket) || parts.length <= 1) return parts;
  const read = await readTicket(link, ticket);
  const shown = parts.find((part) => part.fileId === fileId);
  return read?.parts.map((part) => (shown && part.fileId === fileId ? shown : part)) ?? parts;
}

/** Those of a `rebase` the world has: long ones are not sent. */
function changesOf(ticket: Ticket, part: TicketPart, decision: Decision): Changes {
  if (decision.resolution === 'patch' && part.fileId === ticket.fileId) return decision.changes;
  return decision.resolution === 'rebase' && isApart(ticket) ? [] : part.changes;
}

const APART_LEVEL = 2;
/** As often as what ends the connection is sent (`fatal-calls.ts`). */
const MOST_READS = 3;
