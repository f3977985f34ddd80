import { LOG_HEAD_ID } from './history.ts';
import { modernizeTicket, moveUnits } from './ticket-store.ts';
import { canAfford } from './work.ts';
import type { Database } from './world.ts';
import { WORK_UNITS } from '../../src/core/work.ts';

/**
 * Gives tickets that a module of before wrote the form of today: texts of a row that is too long go
 * into a table of their own, those of a closed one stay in the history only. As many at a time as may
 * be, by their numbers. No op tells of it, since the history says what each ticket proposes.
 */
export function modernizeTickets(db: Database): void {
  const upTo = db.tickets_moved.id.find(ROW_ID)?.upTo ?? 0;
  const last = db.log_head.id.find(LOG_HEAD_ID)?.opSeq ?? 0;
  if (upTo >= last) return;
  let ticketId = upTo;
  while (ticketId < last && canAfford(WORK_UNITS.row)) {
    const row = db.conflict_ticket.ticketId.find(ticketId + 1);
    if (row && !canAfford(moveUnits(row))) break;
    if (row) modernizeTicket(db, row);
    ticketId += 1;
  }
  // Whatever was opened after this module came has its form anyway.
  note(db, ticketId === last ? EVERY_TICKET : ticketId);
}

/** A world that begins now has no others. */
export function noteModernTickets(db: Database): void {
  note(db, EVERY_TICKET);
}

function note(db: Database, upTo: number): void {
  const row = { id: ROW_ID, upTo };
  if (db.tickets_moved.id.find(ROW_ID)) db.tickets_moved.id.update(row);
  else db.tickets_moved.insert(row);
}

const ROW_ID = 1;
const EVERY_TICKET = 0xffff_ffff;
