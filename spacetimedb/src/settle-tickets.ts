import { endOf, startOf } from '../../src/core/change.ts';
import { writePayload } from '../../src/core/op-payload.ts';
import type { Text } from '../../src/core/text.ts';
import type { TicketPart } from '../../src/core/ticket-texts.ts';
import { WORK_UNITS } from '../../src/core/work.ts';
import type { Caller } from './caller.ts';
import { headText } from './file-texts.ts';
import { type History, NO_HASH, NO_TEXT } from './history.ts';
import { closeTicketRow, ticketContent } from './ticket-store.ts';
import { tellConflict } from './tickets.ts';
import { spend } from './work.ts';
import type { Context, Row } from './world.ts';

/**
 * Closes those of the tickets whose two sides have become the same: there is nothing left to decide.
 * Call it when all heads are written. That, too, is history.
 */
export function settleTickets(
  ctx: Context,
  caller: Caller,
  history: History,
  ticketIds: Iterable<number>,
): void {
  for (const ticketId of new Set(ticketIds)) {
    spend(WORK_UNITS.row);
    const ticket = ctx.db.conflict_ticket.ticketId.find(ticketId);
    if (ticket?.status === 'open' && isSettled(ctx, ticket)) close(ctx, caller, history, ticket);
  }
}

function isSettled(ctx: Context, ticket: Row<'conflict_ticket'>): boolean {
  if (ticket.kind !== 'edit') return false;
  const { parts, payload } = ticketContent(ctx.db, ticket);
  if (payload !== '' || parts.length === 0) return false;
  return parts.every((part) => {
    const head = ctx.db.file_head.fileId.find(part.fileId);
    if (!head || head.deleted || head.kind !== 'text') return false;
    return isThere(part, () => headText(ctx.db, head));
  });
}

/**
 * True when doing what is proposed would change nothing. A part that cannot be moved to the head has
 * no changes either, but does not show there what it proposes.
 */
function isThere({ changes, proposedText, headText: shown }: TicketPart, readHead: () => Text) {
  if (changes.length === 0) return proposedText !== '' && shown === proposedText;
  const head = readHead();
  return changes.every((change) => head.slice(startOf(change), endOf(change)) === change.text);
}

function close(
  ctx: Context,
  caller: Caller,
  history: History,
  ticket: Row<'conflict_ticket'>,
): void {
  const { ticketId, fileId } = ticket;
  const head = ctx.db.file_head.fileId.find(fileId);
  const hash = head?.contentHash ?? NO_HASH;
  const opId = history.nextModuleOpId();
  const resolution = 'accept_head';
  const resolutionOpSeq = history.append({
    ...NO_TEXT,
    opId,
    batchId: opId,
    fileId,
    version: head?.version ?? 0,
    kind: 'resolve',
    author: caller,
    payload: writePayload('resolve', { ticket: ticketId, resolution, isSettled: true }),
    payloadHash: NO_HASH,
    beforeHash: hash,
    afterHash: hash,
  });
  closeTicketRow(ctx.db, ticket, {
    status: 'resolved',
    resolution,
    resolvedBy: caller.identity,
    resolvedAt: ctx.timestamp,
    resolutionOpSeq,
  });
  tellConflict(ctx, ticketId, opId, fileId, 'settled');
}
