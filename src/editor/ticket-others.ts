/**
 * Owns: who wrote the text that tickets overlap, read from the history when somebody looks. Does not
 * know: how it is shown.
 */
import type { OpRecord } from '../core/op.ts';
import { LinkFailure } from '../world/link-failure.ts';
import { memberName } from '../world/member-name.ts';
import { readOps } from '../world/read-ops.ts';
import type { Ticket } from '../world/world-rows.ts';
import type { WorldSession } from '../world/world-session.ts';

/** So many of the ops that a ticket overlaps are looked at: names, not a history. */
const LOOKED_AT = 16;

export class TicketOthers {
  readonly #session: WorldSession;
  readonly #onRead: () => void;
  /** By ticket; undefined while they are being read. */
  readonly #known = new Map<number, readonly OpRecord[] | undefined>();

  constructor(session: WorldSession, onRead: () => void) {
    this.#session = session;
    this.#onRead = onRead;
  }

  /** Names of those whose text a ticket overlaps; empty until they were read, which begins here. */
  namesOf(ticket: Ticket): readonly string[] {
    void this.read(ticket);
    const ops = this.#known.get(ticket.ticketId) ?? [];
    return [...new Set(ops.map((op) => memberName(this.#session.view, op.author)))];
  }

  forget(ticketId: number): void {
    this.#known.delete(ticketId);
  }

  /** Resolves once they were read, or cannot be now. */
  async read({ ticketId, overlapping }: Ticket): Promise<void> {
    const { link } = this.#session;
    if (this.#known.has(ticketId) || !link || overlapping.length === 0) return;
    this.#known.set(ticketId, undefined);
    try {
      this.#known.set(ticketId, await readOps(link, overlapping.slice(-LOOKED_AT)));
      this.#onRead();
    } catch (error) {
      this.#known.delete(ticketId);
      // Asked again through the next connection.
      if (!(error instanceof LinkFailure)) throw error;
    }
  }
}
