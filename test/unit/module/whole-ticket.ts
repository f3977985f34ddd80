import { TicketPieces } from '../../../src/core/ticket-pieces.ts';
import { apartBytes, type TicketContent } from '../../../src/core/ticket-texts.ts';
import type { Row, WorldRows } from './test-world.ts';

/** All that an open ticket proposes, wherever the world keeps it. */
export function wholeTicket(world: WorldRows, row: Row<'conflict_ticket'>): TicketContent {
  if (apartBytes(row.payload) === undefined) return row;
  const pieces = new TicketPieces(row.ticketId);
  for (const piece of world.rows('ticket_text')) {
    if (piece.ticketId === row.ticketId) pieces.add(piece);
  }
  const frame = pieces.frame();
  if (frame.tag === 'missing') throw new Error(`there is no ${frame.keys.join(', ')}`);
  const { fileIds, payload, overlapping } = frame.value;
  const parts = fileIds.map((fileId) => {
    const part = pieces.part(fileId);
    if (part.tag === 'missing') throw new Error(`there is no ${part.keys.join(', ')}`);
    return part.value;
  });
  return { parts, payload, overlapping };
}
