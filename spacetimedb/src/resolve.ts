import { waitingSteps } from '../../src/core/file-steps.ts';
import { canonicalJson, type Resolution, writePayload } from '../../src/core/op-payload.ts';
import { apartBytes } from '../../src/core/ticket-texts.ts';
import { demandNewCall } from './call-memory.ts';
import { activeMemberOf, type Caller, can, demandScope } from './caller.ts';
import { demandPathsFree, placesOfSteps } from './claimed-paths.ts';
import { type Decision, demandStep } from './decision.ts';
import { effectPayload, headAfter } from './file-effect.ts';
import { rememberText } from './file-texts.ts';
import { contentHasher, hashText } from './hash.ts';
import { History, NO_HASH, NO_TEXT } from './history.ts';
import { answerAgain } from './known-op.ts';
import { demandFree, demandMovable } from './paths.ts';
import { opRate } from './rates.ts';
import { demand, Refusal } from './refusal.ts';
import { decideParts, type DecidedPart } from './resolution.ts';
import { applyWaiting, filesOfSteps } from './resolve-steps.ts';
import { settleTickets } from './settle-tickets.ts';
import { insertSnapshot, noteGrowth } from './snapshots.ts';
import {
  closeTicketRow,
  isOfSteps,
  ticketContent,
  ticketFileIds,
  ticketPayload,
} from './ticket-store.ts';
import { tellConflict } from './tickets.ts';
import { forgetRanges, moveAlong } from './tracked-ranges.ts';
import { TicketReturns } from './returned-text.ts';
import { rulesFor } from './rules.ts';
import type { Arguments, Context, Row } from './world.ts';
import { WorldSource } from './world-source.ts';

/**
 * What clients of 0.1.0 call: they know a ticket by its row alone. One whose texts are elsewhere would
 * be decided by somebody who was shown no text, so it is refused with `upgrade_needed`.
 */
export function resolveConflict(ctx: Context, args: Arguments<'resolve_conflict'>): void {
  decide(ctx, args, (ticket) => {
    const isHere = apartBytes(ticket.payload) === undefined;
    demand(
      isHere,
      'upgrade_needed',
      'this ticket is too long for this version; update Agent World',
    );
    // It shows the texts alone of what would be done.
    const isShown = args.resolution === 'accept_head' || !isOfSteps(ctx.db, ticket);
    demand(isShown, 'upgrade_needed', 'this ticket is about more than texts; update Agent World');
  });
}

/**
 * Decides a ticket: keeps the head, does what was proposed on top of it, or applies given changes.
 * Refuses with `head_moved` and the fresh texts where others wrote there since.
 */
export function resolveTicket(ctx: Context, args: Arguments<'resolve_ticket'>): void {
  decide(ctx, args, () => {});
}

function decide(
  ctx: Context,
  args: Arguments<'resolve_ticket'>,
  demandShown: (ticket: Row<'conflict_ticket'>) => void,
): void {
  const asked = canonicalJson({ resolve: args });
  const payloadHash = hashText(asked);
  if (answerAgain(ctx, args.opId, () => payloadHash, asked.length)) return;
  const caller = activeMemberOf(ctx);
  demandNewCall(ctx, caller, args.opId);
  const history = History.open(ctx, caller);
  opRate.spend(caller.hex, 1, history.limits.opsPerSecond, history.nowMicros);
  const ticket = ctx.db.conflict_ticket.ticketId.find(args.ticketId);
  if (!ticket) throw new Refusal('no_such_ticket', `there is no ticket ${args.ticketId}`);
  demand(ticket.status === 'open', 'already_resolved', 'the ticket is closed');
  demandShown(ticket);
  const resolution = demandResolution(args.resolution);
  const steps = waitingSteps(ticketPayload(ctx.db, ticket));
  demandMayResolve(ctx, caller, ticket, resolution, filesOfSteps(steps));
  const source = new WorldSource(ctx.db, caller);
  const parts =
    resolution === 'accept_head' || steps
      ? []
      : decideParts(ctx, caller, source, rulesFor(caller, history), whole(ctx, ticket), args);
  const done = parts.map(({ fileId, effect }) => ({ fileId, ...effect }));
  const places = placesOfSteps(ctx.db, resolution === 'accept_head' ? [] : (steps ?? done));
  // To decide is no way around a claim that stopped the call itself.
  demandPathsFree(ctx.db, rulesFor(caller, history), places);
  const decision: Decision = {
    ctx,
    caller,
    history,
    source,
    ticket,
    resolution,
    opId: args.opId,
    payloadHash,
    returned: new TicketReturns(ctx.db, ticket.ticketId),
    touched: [],
  };
  if (steps && resolution !== 'accept_head')
    applyWaiting(decision, steps, whole(ctx, ticket), args);
  const opSeq = parts.length === 0 ? appendNothing(decision) : applyParts(decision, parts);
  closeTicket(decision, opSeq);
  settleTickets(ctx, caller, history, decision.touched);
  history.close();
}

function demandResolution(resolution: string): Resolution {
  const isKnown = resolution === 'accept_head' || resolution === 'rebase' || resolution === 'patch';
  demand(isKnown, 'bad_request', 'a ticket is resolved by accept_head, rebase or patch');
  return resolution;
}

/** Who may resolve may do so; an author may always take their own ticket back. */
function demandMayResolve(
  ctx: Context,
  caller: Caller,
  ticket: Row<'conflict_ticket'>,
  resolution: Resolution,
  moreFiles: readonly number[],
): void {
  if (resolution === 'accept_head' && isOwn(caller, ticket)) return;
  demand(can(caller.member, 'resolve'), 'forbidden', 'this needs the right to resolve');
  if (resolution !== 'accept_head') {
    demand(can(caller.member, 'edit'), 'forbidden', 'this needs the right to edit');
  }
  const files = [ticket.fileId, ...ticketFileIds(ctx.db, ticket), ...moreFiles];
  for (const fileId of new Set(files)) {
    const head = ctx.db.file_head.fileId.find(fileId);
    if (head) demandScope(caller, head.path);
  }
}

/** The ticket with everything that it proposes. */
function whole(ctx: Context, ticket: Row<'conflict_ticket'>): Row<'conflict_ticket'> {
  return { ...ticket, ...ticketContent(ctx.db, ticket) } as Row<'conflict_ticket'>;
}

function isOwn(caller: Caller, ticket: Row<'conflict_ticket'>): boolean {
  const self = caller.identity.__identity__;
  return ticket.actor.__identity__ === self || ticket.author.__identity__ === self;
}

/** The head stays as it is, or is what steps before made of it; that, too, is history. */
function appendNothing(decision: Decision): number {
  const { ctx, caller, history, ticket, resolution, opId, payloadHash } = decision;
  const head = ctx.db.file_head.fileId.find(ticket.fileId);
  const hash = head?.contentHash ?? NO_HASH;
  const opSeq = history.append({
    ...NO_TEXT,
    opId,
    batchId: opId,
    fileId: ticket.fileId,
    version: head?.version ?? 0,
    kind: 'resolve',
    author: caller,
    payload: writePayload('resolve', { ticket: ticket.ticketId, resolution }),
    payloadHash,
    beforeHash: hash,
    afterHash: hash,
  });
  history.tell(opId, 'applied', opSeq, head?.version ?? 0, ticket.ticketId);
  return opSeq;
}

/** One op for each file; the first has the caller's id. Returns the first one's number. */
function applyParts(decision: Decision, parts: readonly DecidedPart[]): number {
  const { history, opId } = decision;
  let first = 0;
  for (const part of parts) {
    const id = first === 0 ? opId : history.nextModuleOpId();
    const opSeq = applyPart(decision, part, id);
    if (first === 0) first = opSeq;
  }
  return first;
}

function applyPart(decision: Decision, part: DecidedPart, opId: string): number {
  const { ctx, caller, history, ticket, resolution } = decision;
  const { file, changes, effect, overlapping } = part;
  const head = decision.source.head(part.fileId);
  // Where several files come back, or move, one may have taken the place of the next.
  if (effect?.kind === 'restore') demandFree(ctx.db, effect.path);
  if (effect?.kind === 'rename') demandMovable(ctx.db, head, effect.path);
  const changed = effect ? headAfter(ctx.db, head, effect) : head;
  const step = file && changes.length > 0 ? demandStep(decision, file, changes) : undefined;
  const contentHash = step ? contentHasher.text(step.text) : changed.contentHash;
  const version = changed.version + (step ? 1 : 0);
  const told = effect && effectPayload(effect, head);
  const made = file && step && resolution === 'rebase' && { file, changes, text: step.text };
  const returned = made ? decision.returned.held(made) : undefined;
  const opSeq = history.append({
    ...NO_TEXT,
    opId,
    batchId: decision.opId,
    fileId: part.fileId,
    version,
    kind: 'resolve',
    author: caller,
    expectedBaseVersion: part.expectedHeadVersion,
    changes,
    payload: writePayload('resolve', {
      ticket: ticket.ticketId,
      resolution,
      effect: told,
      returned,
    }),
    overwrote: overlapping,
    firstLine: step?.firstLine ?? 0,
    lastLine: step?.lastLine ?? 0,
    lineDelta: step?.lineDelta ?? 0,
    payloadHash: decision.payloadHash,
    beforeHash: head.contentHash,
    afterHash: contentHash,
  });
  let after = { ...changed, version, contentHash };
  if (effect?.kind === 'content') {
    insertSnapshot(ctx, opSeq, after, effect.content.parts);
    forgetRanges(ctx.db, part.fileId);
  }
  if (step) {
    rememberText(part.fileId, version, contentHash, step.text);
    decision.touched.push(...moveAlong(ctx.db, after, step.text, [changes], history.limits));
    const { byteLength, text } = step;
    after = { ...after, byteLength, lineCount: text.lineCount };
    after = noteGrowth(ctx, history, caller, after, text);
  }
  const updatedBy = caller.identity;
  ctx.db.file_head.fileId.update({ ...after, updatedBy, updatedAt: ctx.timestamp });
  history.tell(opId, 'applied', opSeq, version, ticket.ticketId);
  return opSeq;
}

function closeTicket(decision: Decision, opSeq: number): void {
  const { ctx, caller, ticket, resolution, opId } = decision;
  const isWithdrawn = resolution === 'accept_head' && isOwn(caller, ticket);
  // Read again: what was just applied may have moved its ranges.
  const latest = ctx.db.conflict_ticket.ticketId.find(ticket.ticketId) ?? ticket;
  closeTicketRow(ctx.db, latest, {
    status: isWithdrawn ? 'withdrawn' : 'resolved',
    resolution,
    resolvedBy: caller.identity,
    resolvedAt: ctx.timestamp,
    resolutionOpSeq: opSeq,
  });
  const what = isWithdrawn ? 'withdrawn' : 'resolved';
  tellConflict(ctx, ticket.ticketId, opId, ticket.fileId, what);
}
