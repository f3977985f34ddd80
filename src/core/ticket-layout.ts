import { ByteWriter } from './byte-writer.ts';
import type { Hash } from './hash.ts';
import type { TicketPiece } from './ticket-pieces.ts';
import {
  apartMark,
  partsInRow,
  TICKET_TEXTS,
  type TicketContent,
  type TicketFrame,
  type TicketPart,
  ticketRowBytes,
  ticketTextKey,
  type TicketTextPlace,
  writeFixed,
  writeFrame,
  writeMoving,
} from './ticket-texts.ts';

/** Whose content it is. */
export interface TicketOfContent {
  readonly ticketId: number;
  readonly fileId: number;
  readonly status: string;
}

/** What of a ticket's content is in its row, and what is in rows of `ticket_text`. */
export interface TicketLayout {
  readonly row: TicketContent;
  readonly pieces: readonly TicketPiece[];
}

/**
 * Where a ticket's texts are is a function of what they are: in its row while that is short enough for
 * everybody to be sent, else apart. A closed ticket's are in the history alone.
 */
export function layOutTicket(
  ticket: TicketOfContent,
  content: TicketContent,
  hash: Hash,
): TicketLayout {
  const bytes = ticketRowBytes(content);
  if (bytes <= TICKET_TEXTS.rowBytes) return { row: content, pieces: [] };
  const { parts, payload, overlapping } = content;
  const fileIds = parts.map(({ fileId }) => fileId);
  const pieces = [...framePieces(ticket.ticketId, { fileIds, overlapping, payload }, hash)];
  if (ticket.status === 'open') {
    for (const part of parts) pieces.push(...partPieces(ticket.ticketId, part, hash));
  }
  const row = {
    parts: partsInRow(parts, ticket.fileId),
    payload: apartMark(bytes),
    overlapping: overlapping.slice(-TICKET_TEXTS.overlappingInRow),
  };
  return { row, pieces };
}

export function framePieces(ticketId: number, frame: TicketFrame, hash: Hash): TicketPiece[] {
  const writer = new ByteWriter();
  writeFrame(writer, frame);
  return piecesOf({ ticketId, fileId: 0, kind: 'frame' }, writer.written, hash);
}

/** By the hash of what is fixed, whoever reads the two apart can tell whether they belong together. */
export function movingPieces(
  ticketId: number,
  part: TicketPart,
  fixedHash: Uint8Array,
  hash: Hash,
): TicketPiece[] {
  const writer = new ByteWriter().raw(fixedHash);
  writeMoving(writer, part);
  return piecesOf({ ticketId, fileId: part.fileId, kind: 'moving' }, writer.written, hash);
}

function partPieces(ticketId: number, part: TicketPart, hash: Hash): TicketPiece[] {
  const writer = new ByteWriter();
  writeFixed(writer, part);
  const fixed = piecesOf({ ticketId, fileId: part.fileId, kind: 'fixed' }, writer.written, hash);
  return [...fixed, ...movingPieces(ticketId, part, fixed[0]!.valueHash, hash)];
}

/** A value in as many rows as it needs. */
function piecesOf(place: TicketTextPlace, value: Uint8Array, hash: Hash): TicketPiece[] {
  const { pieceBytes } = TICKET_TEXTS;
  const pieces = Math.max(1, Math.ceil(value.length / pieceBytes));
  const valueHash = hash(value);
  return Array.from({ length: pieces }, (_, number) => ({
    pieceKey: ticketTextKey(place, number),
    ticketId: place.ticketId,
    pieces,
    valueHash,
    bytes: value.slice(number * pieceBytes, (number + 1) * pieceBytes),
  }));
}
