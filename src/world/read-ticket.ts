/**
 * Owns: reading a ticket's texts, wherever the world keeps them. Does not know: who wants to see them.
 */
import { type Assembled, TicketPieces } from '../core/ticket-pieces.ts';
import { PIECES_PER_ANSWER } from '../core/sizes.ts';
import { apartBytes, type TicketPart } from '../core/ticket-texts.ts';
import { tableOf } from './bindings.ts';
import type { Link } from './link.ts';
import { WorldError } from './world-error.ts';
import type { Ticket } from './world-rows.ts';

/** True for a ticket whose row has no texts: they are read when somebody looks. */
export function isApart({ payload }: Pick<Ticket, 'payload'>): boolean {
  return apartBytes(payload) !== undefined;
}

/**
 * The ticket with all that it proposes; undefined when it was closed meanwhile. Rejects with
 * `LinkFailure` when the connection ends, and with `WorldError` `busy` when it moves all the time.
 */
export async function readTicket(link: Link, ticket: Ticket): Promise<Ticket | undefined> {
  if (!isApart(ticket)) return ticket;
  const pieces = new TicketPieces(ticket.ticketId);
  const frame = await assembled(link, pieces, () => pieces.frame());
  if (!frame) return undefined;
  const parts: TicketPart[] = [];
  for (const fileId of frame.fileIds) {
    const part = await assembled(link, pieces, () => pieces.part(fileId));
    if (!part) return undefined;
    parts.push(part);
  }
  return { ...ticket, parts, payload: frame.payload, overlapping: frame.overlapping };
}

/**
 * What a ticket says beside its parts, wherever that is; undefined when it was closed meanwhile. Rejects as
 * `readTicket`.
 */
export async function readTicketPayload(link: Link, ticket: Ticket): Promise<string | undefined> {
  if (!isApart(ticket)) return ticket.payload;
  const pieces = new TicketPieces(ticket.ticketId);
  return (await assembled(link, pieces, () => pieces.frame()))?.payload;
}

/** What a ticket proposes for one file; undefined when that is nothing, or it was closed meanwhile. */
export async function readTicketPart(
  link: Link,
  ticket: Ticket,
  fileId: number,
): Promise<TicketPart | undefined> {
  if (!isApart(ticket)) return ticket.parts.find((part) => part.fileId === fileId);
  const pieces = new TicketPieces(ticket.ticketId);
  return assembled(link, pieces, () => pieces.part(fileId));
}

/** Asks for what is missing until nothing is; undefined when the world does not have it. */
async function assembled<Value>(
  link: Link,
  pieces: TicketPieces,
  assemble: () => Assembled<Value>,
): Promise<Value | undefined> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const read = assemble();
    if (read.tag === 'whole') return read.value;
    for (let at = 0; at < read.keys.length; at += PIECES_PER_ANSWER) {
      const keys = new Set(read.keys.slice(at, at + PIECES_PER_ANSWER));
      const lacking = await addPieces(link, pieces, keys);
      if (lacking.some((key) => key.endsWith(FIRST_PIECE))) return undefined;
      // A value has become shorter.
      if (lacking.length > 0) pieces.clear();
    }
  }
  throw new WorldError('busy', 'The conflict is changing all the time; look again in a moment');
}

/** One query for each key: an index finds a key. Returns the keys of what is not there. */
async function addPieces(
  link: Link,
  pieces: TicketPieces,
  keys: ReadonlySet<string>,
): Promise<readonly string[]> {
  const found = new Set<string>();
  const queries = [...keys].map((key) => `SELECT * FROM ticket_text WHERE piece_key = '${key}'`);
  const subscription = await link.subscribe(queries, () => {
    for (const piece of tableOf(link.connection, 'ticket_text').iter()) {
      if (!keys.has(piece.pieceKey)) continue;
      pieces.add(piece);
      found.add(piece.pieceKey);
    }
  });
  subscription.end();
  return [...keys].filter((key) => !found.has(key));
}

const FIRST_PIECE = '/0';
/** Each begins anew only where the ticket moved while it was read. */
const MOST_ROUNDS = 32;
