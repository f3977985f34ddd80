import { joinBytes, type TicketPiece } from '../../src/core/ticket-pieces.ts';
import { ticketTextKey, type TicketTextPlace } from '../../src/core/ticket-texts.ts';
import { WORK_UNITS } from '../../src/core/work.ts';
import { spend } from './work.ts';
import type { Database } from './world.ts';

/** Writes values of which there are no pieces yet. */
export function insertPieces(db: Database, pieces: readonly TicketPiece[]): void {
  for (const piece of pieces) {
    spend(pieceUnits(piece.bytes.length));
    db.ticket_text.insert(piece);
  }
}

/** What reading or writing a piece costs. It is copied as it is. */
export function pieceUnits(bytes: number): number {
  return WORK_UNITS.row + bytes / BYTES_PER_UNIT;
}

/** Writes the pieces of one value in the place of those that there were. */
export function replacePieces(db: Database, pieces: readonly TicketPiece[]): void {
  const table = db.ticket_text;
  const former = table.pieceKey.find(pieces[0]!.pieceKey)?.pieces ?? 0;
  const base = pieces[0]!.pieceKey.slice(0, -1);
  pieces.forEach((piece, number) => {
    spend(pieceUnits(piece.bytes.length));
    if (number < former) table.pieceKey.update(piece);
    else table.insert(piece);
  });
  for (let number = pieces.length; number < former; number++) {
    table.pieceKey.delete(`${base}${number}`);
  }
}

/** The hash of a value that was written. */
export function hashOfValue(db: Database, place: TicketTextPlace): Uint8Array {
  const first = db.ticket_text.pieceKey.find(ticketTextKey(place, 0));
  if (!first) throw new Error(`a text of ticket ${place.ticketId} is missing`);
  return first.valueHash;
}

/** A value that was written; undefined when there is none. */
export function readValue(db: Database, place: TicketTextPlace): Uint8Array | undefined {
  const table = db.ticket_text;
  const first = table.pieceKey.find(ticketTextKey(place, 0));
  if (!first) return undefined;
  spend(pieceUnits(first.bytes.length));
  const pieces = [first.bytes];
  for (let number = 1; number < first.pieces; number++) {
    const piece = table.pieceKey.find(ticketTextKey(place, number));
    spend(pieceUnits(piece?.bytes.length ?? 0));
    if (!piece) throw new Error(`a piece of ticket ${place.ticketId} is missing`);
    pieces.push(piece.bytes);
  }
  return joinBytes(pieces);
}

const BYTES_PER_UNIT = 64;
