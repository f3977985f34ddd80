import type { Changes } from '../../src/core/change.ts';
import type { Limits } from '../../src/core/limits.ts';
import { apartBytes, TICKET_TEXTS, type TicketPart } from '../../src/core/ticket-texts.ts';
import { WORK_UNITS } from '../../src/core/work.ts';
import type { FileWork } from './file-work.ts';
import { pieceUnits } from './ticket-pieces.ts';
import { concernedTickets } from './tracked-ranges.ts';
import { callWork, spend } from './work.ts';
import type { Database, Row } from './world.ts';

export type TicketsOfFiles = ReadonlyMap<number, readonly Row<'open_ticket_file'>[]>;

/**
 * The open tickets that move along with what a batch does, by their files; undefined where that would be
 * more than is left of the call's work. To be asked while nothing is written: later it cannot be left undone.
 */
export function movableTickets(
  db: Database,
  works: readonly FileWork[],
  { changesPerOp }: Pick<Limits, 'changesPerOp'>,
): TicketsOfFiles | undefined {
  const tickets = new Map<number, readonly Row<'open_ticket_file'>[]>();
  const hasTextsApart = db.ticket_text.count() > 0n;
  let units = 0;
  for (const { file, steps } of works) {
    const concerned = concernedTickets(db, file.fileId, steps);
    tickets.set(file.fileId, concerned);
    const longest = hasTextsApart ? { changes: changesPerOp, bytes: LONGEST_BYTES } : IN_A_ROW;
    const most = concerned.length * unitsOf(steps, longest);
    // The rows are long: they are read only where there are so many that it may be too much.
    if (units + most <= callWork().left) units += most;
    else for (const entry of concerned) units += unitsOf(steps, sizeOf(db, entry, changesPerOp));
  }
  return units <= callWork().left ? tickets : undefined;
}

interface Size {
  readonly changes: number;
  /** Of texts that are kept apart from the ticket's row. */
  readonly bytes: number;
}

/** What moving a ticket over some steps may cost, looking whether it is settled then included. */
function unitsOf(steps: readonly Changes[], { changes, bytes }: Size): number {
  let units = ROWS * WORK_UNITS.row + TIMES_COPIED * pieceUnits(bytes);
  for (const step of steps) units += WORK_UNITS.crossedOp + 4 * changes + step.length;
  return units;
}

/** How many changes are in a text that is kept apart is known only to who reads it. */
function sizeOf(
  db: Database,
  { ticketId, fileId }: Row<'open_ticket_file'>,
  changesPerOp: number,
): Size {
  spend(WORK_UNITS.row);
  const ticket = db.conflict_ticket.ticketId.find(ticketId);
  if (!ticket) return { changes: 0, bytes: 0 };
  const bytes = apartBytes(ticket.payload);
  if (bytes !== undefined) return { changes: Math.min(changesPerOp, bytes / CHANGE_BYTES), bytes };
  const part = ticket.parts.find((each: TicketPart) => each.fileId === fileId);
  return { changes: part?.changes.length ?? 0, bytes: 0 };
}

const ROWS = 6;
/** All of it is read, what moves is written, and read again where both sides may have become the same. */
const TIMES_COPIED = 2.5;
/** Two times the text of a file, which is what is proposed and where, with what is shown of both sides. */
const LONGEST_BYTES = 10 * 1024 * 1024;
const CHANGE_BYTES = 20;
/** The longest that has no text apart. */
const IN_A_ROW: Size = { changes: TICKET_TEXTS.rowBytes / CHANGE_BYTES, bytes: 0 };
