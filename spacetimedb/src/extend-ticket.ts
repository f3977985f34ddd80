import type { Batch } from '../../src/core/op.ts';
import type { TicketPart } from '../../src/core/ticket-texts.ts';
import type { Caller, Who } from './caller.ts';
import type { History } from './history.ts';
import { checkedChanges, openUnmoved, openWork } from './plan-batch.ts';
import { demand, Refusal } from './refusal.ts';
import { isOfSteps, ticketFileIds, ticketPart } from './ticket-store.ts';
import { appendConflicts, movedOrNot, openTicket, partOf, tellConflict } from './tickets.ts';
import { replaceTicketParts } from './tracked-ranges.ts';
import { callWork } from './work.ts';
import type { Context, Row } from './world.ts';
import type { WorldSource } from './world-source.ts';

/**
 * Puts a batch in the place of what an open ticket of the same author proposes for the files that
 * the batch names; nothing is applied. When the ticket is closed by now, a new one takes them.
 */
export function extendTicket(
  ctx: Context,
  caller: Caller,
  history: History,
  source: WorldSource,
  batch: Batch,
  authors: readonly Who[],
): void {
  const ticket = ctx.db.conflict_ticket.ticketId.find(batch.extends);
  if (!ticket) throw new Refusal('no_such_ticket', `there is no ticket ${batch.extends}`);
  const isOwn = ticket.actor.__identity__ === caller.identity.__identity__;
  demand(isOwn, 'forbidden', 'only its author adds to a ticket');
  const isOfEdits = ticket.kind === 'edit' && !isOfSteps(ctx.db, ticket);
  demand(isOfEdits, 'bad_request', 'only tickets of edits can be added to');
  const { parts, isUnmoved } = movedOrNot((asSent) =>
    addedParts(ctx, ticket, history, source, batch, asSent),
  );
  const ticketId =
    ticket.status === 'open'
      ? update(ctx, ticket, parts)
      : reopen(ctx, caller, history, batch, authors, ticket, parts);
  appendConflicts(history, source, batch, authors, () => ({
    ticket: ticketId,
    ...(ticketId === batch.extends ? {} : { extends: batch.extends }),
    reason: 'extends',
    ...isUnmoved,
    outcome: 'ticket',
    kind: 'edit',
    overlapping: [],
  }));
}

function addedParts(
  ctx: Context,
  ticket: Row<'conflict_ticket'>,
  history: History,
  source: WorldSource,
  batch: Batch,
  asSent: boolean,
): TicketPart[] {
  const rules = { limits: history.limits, work: callWork() };
  const isOpen = ticket.status === 'open';
  const fileIds = ticketFileIds(ctx.db, ticket);
  const parts = new Map<number, TicketPart>();
  for (const op of batch.ops) {
    demand(!parts.has(op.fileId), 'bad_request', 'such a batch has one op for each file');
    demand(fileIds.includes(op.fileId), 'bad_request', 'the ticket proposes nothing for this file');
    const work = (asSent ? openUnmoved : openWork)(op, rules, source);
    const changes = checkedChanges(op, work, rules);
    work.ops.push({ ...op, changes });
    const earlier = isOpen ? ticketPart(ctx.db, ticket, op.fileId) : undefined;
    parts.set(op.fileId, partOf(work, history, source, earlier?.changes, asSent));
  }
  return [...parts.values()];
}

function update(ctx: Context, ticket: Row<'conflict_ticket'>, parts: TicketPart[]): number {
  replaceTicketParts(ctx.db, ticket, parts);
  tellConflict(ctx, ticket.ticketId, ticket.opId, ticket.fileId, 'extended');
  return ticket.ticketId;
}

function reopen(
  ctx: Context,
  caller: Caller,
  history: History,
  batch: Batch,
  authors: readonly Who[],
  ticket: Row<'conflict_ticket'>,
  parts: readonly TicketPart[],
): number {
  const op = batch.ops[0]!;
  const part = parts.find(({ fileId }) => fileId === op.fileId)!;
  return openTicket(ctx, caller, history, {
    batchId: batch.batchId,
    opId: op.opId,
    fileId: op.fileId,
    kind: 'edit',
    author: authors[0]!,
    reason: 'extends',
    baseVersion: part.baseVersion,
    headVersion: part.headVersion,
    parts,
    payload: '',
    overlapping: [],
    extends: ticket.ticketId,
  });
}
