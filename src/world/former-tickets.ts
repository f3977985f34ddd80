/**
 * Owns: comparing tickets that a module of 0.1.0 wrote with long texts in their rows, and that
 * maintenance has not moved yet, as a module of today would have written them. Does not know: how rows
 * are read.
 */
import { layOutTicket } from '../core/ticket-layout.ts';
import { apartBytes } from '../core/ticket-texts.ts';
import type { Row, TableName } from './bindings.ts';
import { nativeHash } from './native-hash.ts';
import { codecOf, firstDifference, type RowDifference } from './row-difference.ts';

/** How much room rows take in a world that may have them in the form of before. */
export function storedBytes(name: TableName, row: Row<TableName>, bytes: number): number {
  if (name !== 'conflict_ticket') return bytes;
  return Math.max(bytes, apartBytes((row as Row<'conflict_ticket'>).payload) ?? 0);
}

export class FormerTickets {
  readonly #ids = new Set<number>();

  /** As `firstDifference`; `texts` are all rows of `ticket_text` that the history makes. */
  firstDifference(
    name: TableName,
    key: string,
    expected: readonly Uint8Array[],
    rows: readonly Row<TableName>[],
    texts: () => readonly Uint8Array[],
  ): RowDifference | undefined {
    if (name === 'conflict_ticket') {
      return this.#ticketDifference(key, expected, rows as Row<'conflict_ticket'>[], texts);
    }
    if (name !== 'ticket_text' || this.#ids.size === 0) {
      return firstDifference(name, key, expected, rows);
    }
    const isToday = (row: Row<'ticket_text'>): boolean => !this.#ids.has(row.ticketId);
    return firstDifference(
      name,
      key,
      expected.filter((bytes) => isToday(codecOf('ticket_text').decode(bytes))),
      (rows as Row<'ticket_text'>[]).filter(isToday),
    );
  }

  #ticketDifference(
    key: string,
    expected: readonly Uint8Array[],
    rows: readonly Row<'conflict_ticket'>[],
    texts: () => readonly Uint8Array[],
  ): RowDifference | undefined {
    let wrong: RowDifference | undefined;
    const modern = rows.map((row) => {
      const { ticketId, parts, payload, overlapping } = row;
      const layout = layOutTicket(row, { parts, payload, overlapping }, nativeHash);
      if (layout.pieces.length === 0) return row;
      this.#ids.add(ticketId);
      const isOfIt = (bytes: Uint8Array): boolean =>
        codecOf('ticket_text').decode(bytes).ticketId === ticketId;
      const right = texts().filter(isOfIt);
      if (firstDifference('ticket_text', 'pieceKey', right, layout.pieces)) {
        const table = 'conflict_ticket';
        wrong ??= { table, key: String(ticketId), column: 'parts', what: 'differs' };
      }
      return { ...row, ...layout.row } as Row<'conflict_ticket'>;
    });
    return firstDifference('conflict_ticket', key, expected, modern) ?? wrong;
  }
}
