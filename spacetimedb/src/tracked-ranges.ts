import { Range } from 'spacetimedb/server';
import { type Changes, sameChanges } from '../../src/core/change.ts';
import type { Limits } from '../../src/core/limits.ts';
import { mapLineRange } from '../../src/core/map-position.ts';
import type { Text } from '../../src/core/text.ts';
import type { TicketPart } from '../../src/core/ticket-texts.ts';
import { WORK_UNITS } from '../../src/core/work.ts';
import { endLock } from './locks.ts';
import { disputedLines, movePart } from './ticket-part.ts';
import { moveTicketPart, putTicketContent, ticketContent, ticketPart } from './ticket-store.ts';
import { counted, spend } from './work.ts';
import type { Database, Row } from './world.ts';

/**
 * Moves what is kept in the coordinates of a file's head along with changes that landed on it.
 * Returns the open tickets whose disputed text was touched. `concerned` are those that move or are touched,
 * where they were looked for before.
 */
export function moveAlong(
  db: Database,
  head: { readonly fileId: number; readonly version: number },
  text: Text,
  steps: readonly Changes[],
  limits: Limits,
  concerned?: readonly Row<'open_ticket_file'>[],
): number[] {
  if (db.soft_lock.count() > 0n) moveLocks(db, head.fileId, steps);
  const touched: number[] = [];
  for (const entry of concerned ?? concernedTickets(db, head.fileId, steps)) {
    spend(4 * WORK_UNITS.row);
    if (moveTicket(db, entry.ticketId, { ...head, text }, steps, limits)) {
      touched.push(entry.ticketId);
    }
  }
  return touched;
}

function moveLocks(db: Database, fileId: number, steps: readonly Changes[]): void {
  for (const lock of counted(db.soft_lock.fileId.filter(fileId))) {
    for (const changes of steps) spend(1 + changes.length);
    moveLock(db, lock, steps);
  }
}

function moveLock(db: Database, lock: Row<'soft_lock'>, steps: readonly Changes[]): void {
  let range = { firstLine: lock.firstLine, lastLine: lock.lastLine };
  for (const changes of steps) range = mapLineRange(range, changes);
  if (range.firstLine === lock.firstLine && range.lastLine === lock.lastLine) return;
  db.soft_lock.lockId.update({ ...lock, ...range });
}

/** The open tickets of a file whose lines move or are touched, the last lines in rising order. */
export function concernedTickets(
  db: Database,
  fileId: number,
  steps: readonly Changes[],
): readonly Row<'open_ticket_file'>[] {
  if (db.open_ticket_file.count() === 0n) return [];
  if (steps.every((changes) => changes.length === 0)) return [];
  let firstLine = Infinity;
  let lastLine = 0;
  let staysInLines = true;
  // One batch may bring more changes than a function takes arguments.
  for (const changes of steps) {
    for (const { startLine, endLine, text } of changes) {
      firstLine = Math.min(firstLine, startLine);
      lastLine = Math.max(lastLine, endLine);
      staysInLines &&= startLine === endLine && !text.includes('\n');
    }
  }
  const endsBehind = counted(db.open_ticket_file.byFileLastLine.filter([fileId, from(firstLine)]));
  if (!staysInLines) return Array.from(endsBehind);
  const startsBefore = counted(
    db.open_ticket_file.byFileFirstLine.filter([fileId, upTo(lastLine)]),
  );
  // Who is in both is concerned: the shorter of the two tells, and a typist is often beside all.
  const shorter = shorterOf(endsBehind, startsBefore);
  return shorter
    .filter((entry) => entry.lastLine >= firstLine && entry.firstLine <= lastLine)
    .sort((one, other) => one.lastLine - other.lastLine || one.entryId - other.entryId);
}

/** All items of the one that ends first; little more is read of the other. */
function shorterOf<Item>(one: IteratorObject<Item>, other: IteratorObject<Item>): Item[] {
  const read: [Item[], Item[]] = [[], []];
  for (;;) {
    for (const [index, source] of [one, other].entries()) {
      const next = source.next();
      const items = read[index]!;
      if (next.done === true) {
        one.return?.();
        other.return?.();
        return items;
      }
      items.push(next.value);
    }
  }
}

/** True when the text under dispute is another one now. */
function moveTicket(
  db: Database,
  ticketId: number,
  head: { readonly fileId: number; readonly version: number; readonly text: Text },
  steps: readonly Changes[],
  limits: Limits,
): boolean {
  const ticket = db.conflict_ticket.ticketId.find(ticketId);
  if (!ticket) return false;
  const part = ticketPart(db, ticket, head.fileId);
  if (!part || part.changes.length === 0) return false;
  const moved = movePart(part, steps, head, limits.ticketTextBytes);
  const isSame = sameChanges(moved.changes, part.changes) && moved.headText === part.headText;
  // Most ops land elsewhere; the row is large.
  if (!isSame) {
    moveTicketPart(db, ticket, part, moved);
    noteDisputedLines(db, ticketId, [moved]);
  }
  return moved.headText !== part.headText || moved.headText === '';
}

/** Puts parts in the place of those that an open ticket has for the same files. */
export function replaceTicketParts(
  db: Database,
  ticket: Row<'conflict_ticket'>,
  added: readonly TicketPart[],
): void {
  const { parts, payload, overlapping } = ticketContent(db, ticket);
  const kept = parts.filter(({ fileId }) => !added.some((part) => part.fileId === fileId));
  putTicketContent(db, ticket, { parts: [...kept, ...added], payload, overlapping });
  noteDisputedLines(db, ticket.ticketId, added);
}

/** Notes where an open ticket's parts are now, for ops that land. */
function noteDisputedLines(db: Database, ticketId: number, parts: readonly TicketPart[]): void {
  for (const entry of db.open_ticket_file.ticketId.filter(ticketId)) {
    if (!parts.some(({ fileId }) => fileId === entry.fileId)) continue;
    const lines = disputedLines(parts, entry.fileId);
    if (lines.firstLine === entry.firstLine && lines.lastLine === entry.lastLine) continue;
    db.open_ticket_file.entryId.update({ ...entry, ...lines });
  }
}

function from(line: number): Range<number> {
  return new Range<number>({ tag: 'included', value: line }, { tag: 'unbounded' });
}

function upTo(line: number): Range<number> {
  return new Range<number>({ tag: 'unbounded' }, { tag: 'included', value: line });
}

/** A new content has none of the old places: claims end, and proposals cannot be moved there. */
export function forgetRanges(db: Database, fileId: number): void {
  for (const lock of Array.from(counted(db.soft_lock.fileId.filter(fileId)))) {
    endLock(db, lock.lockId);
  }
  for (const entry of counted(db.open_ticket_file.byFileLastLine.filter([fileId, from(0)]))) {
    const ticket = db.conflict_ticket.ticketId.find(entry.ticketId);
    if (!ticket) continue;
    const part = ticketPart(db, ticket, fileId);
    if (part) moveTicketPart(db, ticket, part, { ...part, changes: [] });
  }
}
