import {
  contentsOf,
  STEP_KINDS,
  stepsProposed,
  type StepsProposal,
} from '../../src/core/file-steps.ts';
import type { Limits } from '../../src/core/limits.ts';
import type { OpRecord, SubmittedOp } from '../../src/core/op.ts';
import {
  canonicalJson,
  type ConflictPayload,
  type ContentPayload,
  readPayload,
  type ResolvePayload,
} from '../../src/core/op-payload.ts';
import { sameBytes } from '../../src/core/hash.ts';
import type { TicketPart } from '../../src/core/ticket-texts.ts';
import { type Caller, hexOf, identityOf } from './caller.ts';
import { contentHashOf, loadText } from './content-store.ts';
import { replacingPart } from './creates.ts';
import { headText } from './file-texts.ts';
import type { FileWork } from './file-work.ts';
import { badLog } from './import-log-entries.ts';
import { demandSaid } from './import-log-returned.ts';
import { timestampAt } from './locks.ts';
import { newMember, OWNER_RIGHTS } from './membership.ts';
import { checkedChanges, openUnmoved, openWork } from './plan-batch.ts';
import { partsOfSteps, ticketPayload } from './steps-ticket.ts';
import { closeTicketRow, isOfSteps, ticketFileIds, ticketPart } from './ticket-store.ts';
import { insertTicket, partOf, type TicketDraft } from './tickets.ts';
import { replaceTicketParts } from './tracked-ranges.ts';
import { callWork } from './work.ts';
import type { Context, Database } from './world.ts';
import { WorldSource } from './world-source.ts';

interface Conflict {
  readonly op: OpRecord;
  readonly payload: ConflictPayload;
}

/** Opens the ticket that a batch of conflict ops tells of, or adds to it. */
export function replayConflict(ctx: Context, batch: readonly OpRecord[], limits: Limits): void {
  const conflicts = batch.map((op) => ({ op, payload: readPayload('conflict', op.payload) }));
  for (const { op, payload } of conflicts) demandSaid(op, payload);
  for (const { op } of conflicts) demandNothingChanged(ctx, op);
  const { op, payload } = conflicts[0]!;
  const proposal = stepsProposed(payload.proposal);
  if (proposal) {
    openStepsTicket(ctx, conflicts[0]!, proposal, limits);
    return;
  }
  if (payload.kind !== 'edit') {
    openFileTicket(ctx, conflicts[0]!, limits);
    return;
  }
  const source = new WorldSource(ctx.db, everywhere(ctx));
  if (payload.ticket === op.opSeq) openEditTicket(ctx, conflicts, source, limits);
  else extendTicket(ctx, conflicts, source, limits);
}

/** Closes the ticket of a resolve op, once the last of its files was decided. */
export function closeImportedTicket(ctx: Context, op: OpRecord, payload: ResolvePayload): void {
  const table = ctx.db.conflict_ticket;
  const ticket = table.ticketId.find(payload.ticket);
  if (!ticket || ticket.status !== 'open') throw badLog(op.opSeq, 'it decides no open ticket');
  const { resolution, isSettled = false } = payload;
  const lastFile = isOfSteps(ctx.db, ticket)
    ? ticket.fileId
    : (ticketFileIds(ctx.db, ticket).at(-1) ?? ticket.fileId);
  if (resolution !== 'accept_head' && op.fileId !== lastFile) return;
  const isOwn = hexOf(ticket.actor) === op.actor || hexOf(ticket.author) === op.actor;
  closeTicketRow(ctx.db, ticket, {
    status: resolution === 'accept_head' && isOwn && !isSettled ? 'withdrawn' : 'resolved',
    resolution,
    resolvedBy: identityOf(ctx, op.actor),
    resolvedAt: timestampAt(ctx, op.madeAtMicros),
    // The first op of a decision has the id of all of it.
    resolutionOpSeq: ctx.db.file_op.opId.find(op.batchId)?.opSeq ?? op.opSeq,
  });
}

function openEditTicket(
  ctx: Context,
  conflicts: readonly Conflict[],
  source: WorldSource,
  limits: Limits,
): void {
  const isReopened = conflicts[0]!.payload.reason === 'extends';
  const works = worksOf(conflicts, source, limits, isReopened);
  const main = isReopened
    ? conflicts[0]!
    : (conflicts.find(({ payload }) => payload.outcome === 'ticket') ?? conflicts[0]!);
  const { op, payload } = main;
  const work = works.get(op.fileId)!;
  openTicket(ctx, conflicts[0]!.op.opSeq, op, {
    kind: 'edit',
    reason: payload.reason,
    baseVersion: work.baseVersion,
    headVersion: work.file.version,
    parts: [...works.values()].map((each) =>
      partOf(each, { limits }, source, [], payload.isUnmoved),
    ),
    payload: '',
    overlapping: payload.overlapping,
    extends: payload.extends ?? 0,
  });
}

/** What an author adds takes the place of what the ticket proposed for those files. */
function extendTicket(
  ctx: Context,
  conflicts: readonly Conflict[],
  source: WorldSource,
  limits: Limits,
): void {
  const { op, payload } = conflicts[0]!;
  const ticket = ctx.db.conflict_ticket.ticketId.find(payload.ticket);
  const isAdded = payload.reason === 'extends' && payload.extends === undefined;
  if (ticket?.status !== 'open' || !isAdded) {
    throw badLog(op.opSeq, 'it adds to no open ticket, or its batch was cut in two');
  }
  const works = worksOf(conflicts, source, limits, true);
  const added = Array.from(works, ([fileId, work]) => {
    const claimed = ticketPart(ctx.db, ticket, fileId)?.changes;
    return partOf(work, { limits }, source, claimed, payload.isUnmoved);
  });
  replaceTicketParts(ctx.db, ticket, added);
}

function openFileTicket(ctx: Context, { op, payload }: Conflict, limits: Limits): void {
  const head = ctx.db.file_head.fileId.find(op.fileId);
  const { kind, reason, overlapping, proposal } = payload;
  const parts: TicketPart[] = [];
  const content = (proposal as { readonly content?: ContentPayload } | undefined)?.content;
  // Whoever decides the ticket will want to read it.
  if (content) contentHashOf(ctx.db, content);
  if (kind === 'create' && head?.kind === 'text' && content?.kind === 'text') {
    const proposed = loadText(ctx.db, content.parts);
    parts.push(replacingPart(head, headText(ctx.db, head), proposed, limits));
  }
  openTicket(ctx, op.opSeq, op, {
    kind,
    reason,
    baseVersion: op.expectedBaseVersion,
    headVersion: head?.version ?? 0,
    parts,
    payload: canonicalJson(proposal),
    overlapping,
    extends: 0,
  });
}

/** All steps of a call that wait together; one op tells of them. */
function openStepsTicket(
  ctx: Context,
  { op, payload }: Conflict,
  proposal: StepsProposal,
  limits: Limits,
): void {
  const { kind, reason, overlapping, isUnmoved = false } = payload;
  demandSteps(ctx.db, op, payload, proposal);
  const source = new WorldSource(ctx.db, everywhere(ctx));
  const edits = proposal.steps.flatMap((step): Conflict[] => {
    if (step.kind !== 'edit') return [];
    const { fileId, base: expectedBaseVersion, changes = [] } = step;
    return [{ op: { ...op, fileId, expectedBaseVersion }, payload: { ...payload, changes } }];
  });
  const works = [...worksOf(edits, source, limits, false).values()];
  openTicket(ctx, op.opSeq, op, {
    kind,
    reason,
    baseVersion: op.expectedBaseVersion,
    headVersion: source.head(op.fileId).version,
    parts: partsOfSteps(ctx.db, works, proposal.steps, source, limits, isUnmoved),
    payload: ticketPayload(proposal),
    overlapping,
    extends: 0,
  });
}

/** Whoever decides the ticket does what it says. */
function demandSteps(
  db: Database,
  op: OpRecord,
  { kind, changes }: ConflictPayload,
  { steps, stuckAt }: StepsProposal,
): void {
  const own = steps[stuckAt];
  const isAbout = own?.kind === kind && own.fileId === op.fileId && changes.length === 0;
  if (!isAbout) throw badLog(op.opSeq, 'its steps are not about its file');
  for (const step of steps) {
    if (!STEP_KINDS.includes(step.kind)) throw badLog(op.opSeq, 'it has a step of no known kind');
    const isNew = step.kind === 'create' && step.fileId === 0;
    const isKnown = isNew || db.file_head.fileId.find(step.fileId);
    if (!isKnown) throw badLog(op.opSeq, `there is no file ${step.fileId}`);
  }
  // Whoever decides the ticket will want to read them.
  for (const content of contentsOf({ steps })) contentHashOf(db, content);
}

function openTicket(
  ctx: Context,
  ticketId: number,
  op: OpRecord,
  draft: Omit<TicketDraft, 'batchId' | 'opId' | 'fileId' | 'author'>,
): void {
  const { batchId, opId, fileId, author: hex } = op;
  const author = { identity: identityOf(ctx, hex), hex };
  const actor = identityOf(ctx, op.actor);
  const openedAt = timestampAt(ctx, op.madeAtMicros);
  insertTicket(ctx.db, { ticketId, actor, openedAt }, { batchId, opId, fileId, author, ...draft });
}

/** What each file's ops of a batch were to do. Added edits are kept in normal form, others as sent. */
function worksOf(
  conflicts: readonly Conflict[],
  source: WorldSource,
  limits: Limits,
  isNormal: boolean,
): ReadonlyMap<number, FileWork> {
  const rules = { limits, work: callWork() };
  const works = new Map<number, FileWork>();
  for (const { op, payload } of conflicts) {
    const sent = submitted(op, payload);
    const work =
      works.get(op.fileId) ?? (payload.isUnmoved ? openUnmoved : openWork)(sent, rules, source);
    works.set(op.fileId, work);
    work.ops.push(isNormal ? { ...sent, changes: checkedChanges(sent, work, rules) } : sent);
  }
  return works;
}

function submitted(op: OpRecord, { changes }: ConflictPayload): SubmittedOp {
  return {
    opId: op.opId,
    fileId: op.fileId,
    expectedBaseVersion: op.expectedBaseVersion,
    intent: op.intent,
    author: op.author,
    carriedFrom: op.carriedFrom,
    overlaps: op.overlaps,
    rangeHashes: [],
    changes,
  };
}

function demandNothingChanged(ctx: Context, op: OpRecord): void {
  if (op.fileId === 0) return;
  const head = ctx.db.file_head.fileId.find(op.fileId);
  const isSame =
    head?.version === op.version &&
    sameBytes(head.contentHash, op.beforeHash) &&
    sameBytes(head.contentHash, op.afterHash);
  if (!isSame) throw badLog(op.opSeq, 'it speaks of another version of its file');
}

/** Replaying reads files in nobody's name. */
function everywhere(ctx: Context): Caller {
  const rights = { ...OWNER_RIGHTS, kind: 'human' };
  const nobody = { displayName: '', gitName: '', gitEmail: '', color: '' };
  const member = newMember(ctx, ctx.sender, rights, nobody);
  return { identity: ctx.sender, hex: hexOf(ctx.sender), member };
}
