/**
 * Owns: texts of tickets that are too long for their rows, read when somebody looks and kept for the few
 * that were looked at last. Does not know: how they are shown.
 */
import type { TicketPart } from '../core/ticket-texts.ts';
import { LinkFailure } from '../world/link-failure.ts';
import { isApart, readTicketPart, readTicketPayload } from '../world/read-ticket.ts';
import { WorldError } from '../world/world-error.ts';
import type { Ticket } from '../world/world-rows.ts';
import type { WorldSession } from '../world/world-session.ts';

/** Whether a ticket's texts are known. */
export type TextsState =
  | { readonly tag: 'here' }
  /** Nobody has looked yet. */
  | { readonly tag: 'unread' }
  | { readonly tag: 'reading' }
  | { readonly tag: 'failed'; readonly message: string };

/** What is known of a ticket's part for its own file; without texts unless the state is `here`. */
export interface KnownPart {
  readonly part: TicketPart | undefined;
  readonly state: TextsState;
}

interface Entry {
  /** The row that was read for: it is another object when the ticket has moved. */
  row: Ticket;
  part: TicketPart | undefined;
  /** What the ticket says beside its parts, once it was read. */
  payload: string | undefined;
  failure: string | undefined;
  reading: Promise<void> | undefined;
}

export class TicketTexts {
  readonly #session: WorldSession;
  readonly #onRead: (ticketId: number) => void;
  /** The one that was looked at last is at the end. */
  readonly #entries = new Map<number, Entry>();

  constructor(session: WorldSession, onRead: (ticketId: number) => void) {
    this.#session = session;
    this.#onRead = onRead;
  }

  /** Reads nothing. */
  known(ticket: Ticket): KnownPart {
    const part = ownPart(ticket);
    if (!isApart(ticket)) return { part, state: { tag: 'here' } };
    const entry = this.#entries.get(ticket.ticketId);
    if (isRead(entry)) return { part: entry?.part, state: { tag: 'here' } };
    if (entry?.reading) return { part, state: { tag: 'reading' } };
    if (entry?.failure === undefined) return { part, state: { tag: 'unread' } };
    return { part, state: { tag: 'failed', message: entry.failure } };
  }

  /** What a ticket says beside its parts; nothing where that was not read yet. */
  payloadOf(ticket: Ticket): string {
    if (!isApart(ticket)) return ticket.payload;
    return this.#entries.get(ticket.ticketId)?.payload ?? '';
  }

  /** Begins to read what is not known, or has changed since; somebody looks at it. */
  look(ticket: Ticket): KnownPart {
    if (isApart(ticket)) void this.read(ticket);
    return this.known(ticket);
  }

  /** Resolves once the texts were read, or could not be. */
  async read(ticket: Ticket): Promise<void> {
    if (!isApart(ticket)) return;
    const entry = this.#entryOf(ticket);
    const isKnown = entry.row === ticket && (isRead(entry) || entry.failure !== undefined);
    if (!isKnown) entry.reading ??= this.#read(entry, ticket, ownPart(ticket)?.fileId);
    await entry.reading;
  }

  /** Tries again what could not be read. */
  tryAgain(ticketId: number): void {
    if (this.#entries.get(ticketId)?.failure !== undefined) this.#entries.delete(ticketId);
  }

  forget(ticketId: number): void {
    this.#entries.delete(ticketId);
  }

  #entryOf(ticket: Ticket): Entry {
    const { ticketId } = ticket;
    const known = this.#entries.get(ticketId);
    const entry = known ?? { row: ticket, ...NOTHING_READ };
    this.#entries.delete(ticketId);
    this.#entries.set(ticketId, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > KEPT && oldest !== undefined) this.#entries.delete(oldest);
    return entry;
  }

  async #read(entry: Entry, ticket: Ticket, fileId: number | undefined): Promise<void> {
    try {
      const link = await this.#session.whenOnline();
      // What has moved while we waited is read as it is by now.
      const payload = await readTicketPayload(link, ticket);
      const part = fileId === undefined ? undefined : await readTicketPart(link, ticket, fileId);
      // It may have been closed in between.
      if (part !== undefined || fileId === undefined) Object.assign(entry, { part, payload });
      entry.failure = undefined;
    } catch (error) {
      entry.failure = error instanceof Error ? error.message : String(error);
      if (!(error instanceof LinkFailure || error instanceof WorldError)) throw error;
    } finally {
      // Whatever it was: a reading that has ended keeps nobody from the next one.
      entry.row = ticket;
      entry.reading = undefined;
      this.#onRead(ticket.ticketId);
    }
  }
}

/** That of the ticket's own file: others may be parts of a change that does something else to it. */
function ownPart({ parts, fileId }: Ticket): TicketPart | undefined {
  return parts.find((part) => part.fileId === fileId);
}

function isRead(entry: Entry | undefined): boolean {
  return entry?.payload !== undefined;
}

const NOTHING_READ = {
  part: undefined,
  payload: undefined,
  failure: undefined,
  reading: undefined,
} satisfies Omit<Entry, 'row'>;

/** Each may have some megabytes. */
const KEPT = 4;
