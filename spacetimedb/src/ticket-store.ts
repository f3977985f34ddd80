import { ByteReader } from '../../src/core/byte-reader.ts';
import { waitingSteps } from '../../src/core/file-steps.ts';
import { HASH_BYTES } from '../../src/core/hash.ts';
import { framePieces, layOutTicket, movingPieces } from '../../src/core/ticket-layout.ts';
import {
  apartBytes,
  apartMark,
  readFrame,
  readPart,
  TICKET_TEXTS,
  type TicketContent,
  type TicketFrame,
  type TicketPart,
  ticketPartBytes,
  ticketRowBytes,
  type TicketTextPlace,
  withoutTexts,
} from '../../src/core/ticket-texts.ts';
import { hash } from './hash.ts';
import {
  hashOfValue,
  insertPieces,
  pieceUnits,
  readValue,
  replacePieces,
} from './ticket-pieces.ts';
import type { Database, Row } from './world.ts';

type TicketRow = Row<'conflict_ticket'>;

/** Writes a new ticket; its texts go apart where the row would be too long. */
export function insertTicketRow(db: Database, row: TicketRow): void {
  db.conflict_ticket.insert(placed(db, row, row));
}

/** Gives an open ticket other content. */
export function putTicketContent(db: Database, row: TicketRow, content: TicketContent): void {
  if (apartBytes(row.payload) !== undefined) db.ticket_text.ticketId.delete(row.ticketId);
  db.conflict_ticket.ticketId.update(placed(db, row, content));
}

/** All that a ticket proposes, wherever it is. Of a closed one the texts may be missing. */
export function ticketContent(db: Database, row: TicketRow): TicketContent {
  if (apartBytes(row.payload) === undefined) return row;
  const { fileIds, overlapping, payload } = frameOf(db, row);
  const parts = fileIds.map((fileId) => partApart(db, row.ticketId, fileId));
  return { parts: parts.filter((part) => part !== undefined), payload, overlapping };
}

/** The files that a ticket proposes to change, in order. */
export function ticketFileIds(db: Database, row: TicketRow): readonly number[] {
  if (apartBytes(row.payload) !== undefined) return frameOf(db, row).fileIds;
  return row.parts.map(({ fileId }: TicketPart) => fileId);
}

/** Several steps of one call wait in the ticket: its payload says which. */
export function isOfSteps(db: Database, row: TicketRow): boolean {
  return waitingSteps(ticketPayload(db, row)) !== undefined;
}

/** What a ticket says beside its parts, wherever it is. */
export function ticketPayload(db: Database, row: TicketRow): string {
  return apartBytes(row.payload) === undefined ? row.payload : frameOf(db, row).payload;
}

/** What a ticket proposes for one file. */
export function ticketPart(db: Database, row: TicketRow, fileId: number): TicketPart | undefined {
  if (apartBytes(row.payload) !== undefined) return partApart(db, row.ticketId, fileId);
  return row.parts.find((part: TicketPart) => part.fileId === fileId);
}

/** Moves what an open ticket proposes for one file: nothing else of it is read or written. */
export function moveTicketPart(
  db: Database,
  row: TicketRow,
  before: TicketPart,
  after: TicketPart,
): void {
  const { ticketId } = row;
  const oldBytes = apartBytes(row.payload);
  const bytes = (oldBytes ?? 0) + ticketPartBytes(after) - ticketPartBytes(before);
  if (oldBytes === undefined || bytes <= TICKET_TEXTS.rowBytes) {
    const { parts, payload, overlapping } = ticketContent(db, row);
    const moved = parts.map((part) => (part.fileId === after.fileId ? after : part));
    putTicketContent(db, row, { parts: moved, payload, overlapping });
    return;
  }
  const fixed = hashOfValue(db, { ticketId, fileId: after.fileId, kind: 'fixed' });
  replacePieces(db, movingPieces(ticketId, after, fixed, hash));
  const parts = row.parts.map((part: TicketPart) =>
    part.fileId === after.fileId ? withoutTexts(after) : part,
  );
  const moved = { ...row, parts, payload: apartMark(bytes) } as TicketRow;
  db.conflict_ticket.ticketId.update(moved);
}

/** Closes a ticket: what it proposed is in the history, and is not kept twice where it is long. */
export function closeTicketRow(
  db: Database,
  row: TicketRow,
  closing: Pick<
    TicketRow,
    'status' | 'resolution' | 'resolvedBy' | 'resolvedAt' | 'resolutionOpSeq'
  >,
): void {
  const { ticketId } = row;
  if (apartBytes(row.payload) !== undefined) {
    const frame = frameOf(db, row);
    db.ticket_text.ticketId.delete(ticketId);
    insertPieces(db, framePieces(ticketId, frame, hash));
  }
  db.conflict_ticket.ticketId.update({ ...row, ...closing });
  db.open_ticket_file.ticketId.delete(ticketId);
}

/** Gives a ticket that a module of before wrote the form of today. */
export function modernizeTicket(db: Database, row: TicketRow): void {
  const isLong = ticketRowBytes(row) > TICKET_TEXTS.rowBytes;
  if (isLong) db.conflict_ticket.ticketId.update(placed(db, row, row));
}

/** What that costs. */
export function moveUnits(row: TicketRow): number {
  return pieceUnits(ticketRowBytes(row));
}

/** The row of a ticket with this content, of which the long texts are written apart. */
function placed(db: Database, row: TicketRow, content: TicketContent): TicketRow {
  const { parts, payload, overlapping } = content;
  const layout = layOutTicket(row, { parts, payload, overlapping }, hash);
  insertPieces(db, layout.pieces);
  return { ...row, ...layout.row } as TicketRow;
}

function frameOf(db: Database, { ticketId }: TicketRow): TicketFrame {
  const frame = readValue(db, { ticketId, fileId: 0, kind: 'frame' });
  if (!frame) throw new Error(`the texts of ticket ${ticketId} are missing`);
  return readFrame(new ByteReader(frame));
}

function partApart(db: Database, ticketId: number, fileId: number): TicketPart | undefined {
  const read = (kind: TicketTextPlace['kind']) => readValue(db, { ticketId, fileId, kind });
  const fixed = read('fixed');
  const moving = read('moving');
  if (!fixed || !moving) return undefined;
  const reader = new ByteReader(moving);
  reader.raw(HASH_BYTES);
  return readPart(fileId, new ByteReader(fixed), reader);
}
