import type { Changes } from '../../src/core/change.ts';
import type { Limits } from '../../src/core/limits.ts';
import type { Batch } from '../../src/core/op.ts';
import {
  type ConflictPayload,
  type ProposalKind,
  type TicketReason,
  writePayload,
} from '../../src/core/op-payload.ts';
import type { TicketPart } from '../../src/core/ticket-texts.ts';
import { byteUnits, TICKET_WORK, TooMuchWork, WORK_UNITS } from '../../src/core/work.ts';
import type { Caller, Who } from './caller.ts';
import type { FileWork } from './file-work.ts';
import { chainHasher } from './hash.ts';
import { type History, NO_HASH, NO_TEXT } from './history.ts';
import { opBytes, type Plan } from './plan-batch.ts';
import { demand } from './refusal.ts';
import { composeAll, disputedLines, makePart } from './ticket-part.ts';
import { insertTicketRow } from './ticket-store.ts';
import { callWork, counted, spend } from './work.ts';
import type { Context, Database, Row } from './world.ts';
import type { WorldSource } from './world-source.ts';

/** What a new ticket says of itself. */
export interface TicketDraft {
  readonly batchId: string;
  readonly opId: string;
  readonly fileId: number;
  readonly kind: ProposalKind;
  readonly author: Who;
  readonly reason: TicketReason;
  readonly baseVersion: number;
  readonly headVersion: number;
  readonly parts: readonly TicketPart[];
  readonly payload: string;
  readonly overlapping: readonly number[];
  readonly extends: number;
}

/** Makes one ticket of a batch whose ops cannot all be applied. */
export function openBatchTicket(
  ctx: Context,
  caller: Caller,
  history: History,
  source: WorldSource,
  batch: Batch,
  authors: readonly Who[],
  plan: Extract<Plan, { tag: 'ticket' }>,
): void {
  const { index, reason, overlapping } = plan.cause;
  const op = batch.ops[index]!;
  const { parts, isUnmoved } = movedOrNot(
    (asSent) => plan.works.map((work) => partOf(work, history, source, [], asSent)),
    plan.isUnmoved,
  );
  demandProposable(parts, history.limits);
  const ticketId = openTicket(ctx, caller, history, {
    batchId: batch.batchId,
    opId: op.opId,
    fileId: op.fileId,
    kind: 'edit',
    author: authors[index]!,
    reason,
    baseVersion: plan.works.find((work) => work.file.fileId === op.fileId)!.baseVersion,
    headVersion: source.head(op.fileId).version,
    parts,
    payload: '',
    overlapping,
    extends: 0,
  });
  const conflict = { ticket: ticketId, reason, kind: 'edit', overlapping, ...isUnmoved } as const;
  appendConflicts(history, source, batch, authors, (at) => ({
    ...conflict,
    outcome: at === index ? 'ticket' : 'held',
  }));
}

/** Refuses what could never be let in. */
export function demandProposable(parts: readonly TicketPart[], { textFileBytes }: Limits): void {
  const isOneTooLarge = parts.some(
    ({ proposed }) => opBytes({ changes: proposed }) > textFileBytes,
  );
  demand(!isOneTooLarge, 'too_large', 'no file of this world can have so much text');
}

/**
 * Parts of a ticket as `make` makes them. Where moving what is proposed to the head would be too much work,
 * it is kept as it was sent, and the conflict ops say so.
 */
export function movedOrNot(
  make: (asSent: boolean) => TicketPart[],
  isUnmoved = false,
): { readonly parts: TicketPart[]; readonly isUnmoved: Pick<ConflictPayload, 'isUnmoved'> } {
  if (!isUnmoved) {
    try {
      return { parts: make(false), isUnmoved: {} };
    } catch (error) {
      if (!(error instanceof TooMuchWork)) throw error;
      callWork().allow(TICKET_WORK);
    }
  }
  return { parts: make(true), isUnmoved: { isUnmoved: true } };
}

/** Writes a ticket, before the op that opens it: the ticket's number is that op's. */
export function openTicket(
  ctx: Context,
  caller: Caller,
  history: History,
  draft: TicketDraft,
): number {
  demandRoom(ctx, caller, history);
  const ticketId = history.nextSeq;
  insertTicket(ctx.db, { ticketId, actor: caller.identity, openedAt: ctx.timestamp }, draft);
  tellConflict(ctx, ticketId, draft.opId, draft.fileId, 'opened');
  return ticketId;
}

/** Writes the rows of an open ticket. */
export function insertTicket(
  db: Database,
  opened: Pick<Row<'conflict_ticket'>, 'ticketId' | 'actor' | 'openedAt'>,
  draft: TicketDraft,
): void {
  insertTicketRow(db, {
    ...draft,
    ...opened,
    author: draft.author.identity,
    status: 'open',
    resolution: '',
    resolvedBy: undefined,
    resolvedAt: undefined,
    resolutionOpSeq: 0,
  } as unknown as Row<'conflict_ticket'>);
  const { ticketId, actor } = opened;
  const files = new Set([draft.fileId, ...draft.parts.map((part) => part.fileId)]);
  for (const fileId of files) {
    const lines = disputedLines(draft.parts, fileId);
    db.open_ticket_file.insert({ entryId: 0, fileId, ticketId, actor, ...lines });
  }
}

/** Writes one conflict op for each op of a batch: history keeps what was proposed, as sent. */
export function appendConflicts(
  history: History,
  source: WorldSource,
  batch: Batch,
  authors: readonly Who[],
  describe: (index: number) => Omit<ConflictPayload, 'changes'>,
): void {
  for (const op of batch.ops) {
    spend(WORK_UNITS.op + 4 * op.changes.length + byteUnits(opBytes(op)));
  }
  const noneSaid = batch.ops.some((op) => op.returned) ? [] : undefined;
  batch.ops.forEach((op, index) => {
    const { changes, returned = noneSaid } = op;
    const conflict = { ...describe(index), changes, returned };
    const head = source.head(op.fileId);
    const opSeq = history.append({
      ...NO_TEXT,
      opId: op.opId,
      batchId: batch.batchId,
      fileId: op.fileId,
      version: head.version,
      kind: 'conflict',
      author: authors[index]!,
      expectedBaseVersion: op.expectedBaseVersion,
      carriedFrom: op.carriedFrom,
      intent: op.intent,
      payload: writePayload('conflict', conflict),
      overlaps: op.overlaps,
      payloadHash: chainHasher.payload(op),
      beforeHash: head.contentHash,
      afterHash: head.contentHash,
    });
    history.tell(op.opId, conflict.outcome, opSeq, head.version, conflict.ticket);
  });
}

/** Opens a ticket for a call about a whole file, and writes the conflict op. */
export function openFileTicket(
  ctx: Context,
  caller: Caller,
  history: History,
  draft: Omit<TicketDraft, 'extends' | 'headVersion'> & {
    readonly payloadHash: Uint8Array;
    readonly proposal?: unknown;
  },
  head: Row<'file_head'> | undefined,
): void {
  const { payloadHash, proposal, ...ticket } = draft;
  const headVersion = head?.version ?? 0;
  const ticketId = openTicket(ctx, caller, history, { ...ticket, headVersion, extends: 0 });
  const { reason, kind, overlapping } = ticket;
  const conflict = { ticket: ticketId, reason, outcome: 'ticket', kind, overlapping } as const;
  const opSeq = history.append({
    ...NO_TEXT,
    opId: ticket.opId,
    batchId: ticket.batchId,
    fileId: ticket.fileId,
    version: headVersion,
    kind: 'conflict',
    author: ticket.author,
    expectedBaseVersion: ticket.baseVersion,
    payload: writePayload('conflict', { ...conflict, changes: [], proposal }),
    payloadHash,
    beforeHash: head?.contentHash ?? NO_HASH,
    afterHash: head?.contentHash ?? NO_HASH,
  });
  history.tell(ticket.opId, 'ticket', opSeq, headVersion, ticketId);
}

export function tellConflict(
  ctx: Context,
  ticketId: number,
  opId: string,
  fileId: number,
  what: 'opened' | 'extended' | 'resolved' | 'withdrawn' | 'settled',
): void {
  ctx.db.conflict_event.insert({ ticketId, opId, actor: ctx.sender, fileId, what });
}

/** What a batch proposes for one of its files; `claimed` as in `Proposal`, `isUnmoved` as in a conflict op. */
export function partOf(
  work: FileWork,
  history: Pick<History, 'limits'>,
  source: WorldSource,
  claimed: Changes = [],
  isUnmoved = false,
): TicketPart {
  const { fileId, version, text } = work.file;
  const proposed: Changes = composeAll(work.ops.map((op) => op.changes));
  const isKeptAsSent = work.isStale || (isUnmoved && work.baseVersion !== version);
  const between = isKeptAsSent ? undefined : source.committed(fileId, work.baseVersion, version);
  const { baseVersion, baseText } = work;
  return makePart(
    { fileId, baseVersion, baseText, proposed, claimed },
    { version, text },
    between,
    history.limits.ticketTextBytes,
  );
}

function demandRoom(ctx: Context, caller: Caller, history: History): void {
  let count = 0;
  for (const _entry of counted(ctx.db.open_ticket_file.actor.filter(caller.identity))) {
    count++;
    demand(
      count < history.limits.openTicketsPerMember,
      'too_many',
      'this member has too many open tickets; decide some first',
    );
  }
}
