import type { Changes } from '../../src/core/change.ts';
import type { Batch } from '../../src/core/op.ts';
import { canonicalJson } from '../../src/core/op-payload.ts';
import type { ReturnedText } from '../../src/core/returned-text.ts';
import { batchOfShortEdit } from '../../src/core/short-edit.ts';
import type { Text } from '../../src/core/text.ts';
import { withTurn } from '../../src/core/turn.ts';
import { textUnits, TICKET_WORK, TooMuchWork, WORK_UNITS } from '../../src/core/work.ts';
import { isAgent } from './agent-work.ts';
import { authorOf, type Caller, type Who, writerOf } from './caller.ts';
import { demandPathsFree } from './claimed-paths.ts';
import { extendTicket } from './extend-ticket.ts';
import { rememberText } from './file-texts.ts';
import { chainHasher, contentHasher } from './hash.ts';
import { History } from './history.ts';
import { demandOpId } from './ids.ts';
import { admitRepeat, demandSame, tellAgain } from './known-op.ts';
import {
  batchBytes,
  opBytes,
  type Plan,
  type PlannedOp,
  planBatch,
  type Rules,
  unjudgedBatch,
} from './plan-batch.ts';
import { byteRate, opRate } from './rates.ts';
import { demand, Refusal } from './refusal.ts';
import { heldReturns, saidOf } from './returned-text.ts';
import { rulesFor } from './rules.ts';
import { settleTickets } from './settle-tickets.ts';
import { noteGrowth, snapshotBeforeWork } from './snapshots.ts';
import { openBatchTicket } from './tickets.ts';
import { movableTickets, type TicketsOfFiles } from './ticket-work.ts';
import { moveAlong } from './tracked-ranges.ts';
import { spend } from './work.ts';
import type { Arguments, Context, Row } from './world.ts';
import { WorldSource } from './world-source.ts';

/** Applies a batch of edits whole, or turns the whole of it into a ticket. */
export function applyFileOps(ctx: Context, args: Arguments<'apply_file_ops'>): void {
  // Kinds of intent are checked with the rest of the batch.
  applyBatch(ctx, args.batch as Batch, false);
}

/**
 * The same for one change that was typed. A server's log keeps what is sent, told and written of every
 * key: so an op that is applied is not told again to its sender, who gets its row, and is in a batch
 * that has its number for an id.
 */
export function typeText(ctx: Context, args: Arguments<'type_text'>): void {
  applyBatch(ctx, batchOfShortEdit(args), true);
}

/**
 * The same for text that came back: each op names those pieces of its text that stood in its file
 * before, as far as that holds. A repeat is known by its edits alone: it says nothing of another work.
 */
export function returnText(ctx: Context, args: Arguments<'return_text'>): void {
  applyBatch(ctx, saidOf(args), false);
}

function applyBatch(ctx: Context, batch: Batch, isShort: boolean): void {
  if (answerBatchAgain(ctx, batch)) return;
  const caller = writerOf(ctx, 'edit');
  const history = History.open(ctx, caller);
  checkBatch(ctx, caller, batch, history);
  const authors = batch.ops.map((op) => authorOf(ctx, caller, op.author));
  const source = new WorldSource(ctx.db, caller);
  if (batch.extends !== 0) {
    extendTicket(ctx, caller, history, source, batch, authors);
  } else {
    const rules = rulesFor(caller, history);
    const judged = planBatch(batch, rules, source);
    const fileIds = rules.obeysClaims ? new Set(batch.ops.map(({ fileId }) => fileId)) : [];
    demandPathsFree(
      ctx.db,
      rules,
      Array.from(fileIds, (fileId) => source.head(fileId)),
    );
    const { plan, tickets } = movable(ctx, batch, rules, source, judged);
    if (plan.tag === 'ticket') {
      openBatchTicket(ctx, caller, history, source, batch, authors, plan);
    } else {
      const returned = heldReturns(ctx.db, plan.ops);
      const told = { batch, isShort, returned };
      noteWork(ctx, caller, history, source, authors, plan.ops);
      const hashes = appendOps(history, source, told, authors, plan.ops);
      const touched = plan.works.map(({ file: { fileId }, steps, text, byteLength }) => {
        const edited = { steps, text, byteLength, contentHash: hashes.get(fileId)! };
        const concerned = tickets?.get(fileId);
        return settleFile(ctx, caller, history, source.head(fileId), edited, concerned);
      });
      settleTickets(ctx, caller, history, touched.flat());
    }
  }
  history.close();
}

/** A batch that would move too many tickets along becomes one itself, while nothing is written. */
export function movable(
  ctx: Context,
  batch: Batch,
  rules: Rules,
  source: WorldSource,
  plan: Plan,
): { readonly plan: Plan; readonly tickets?: TicketsOfFiles } {
  if (plan.tag === 'ticket') return { plan };
  try {
    const tickets = movableTickets(ctx.db, plan.works, rules.limits);
    if (tickets) return { plan, tickets };
  } catch (error) {
    if (!(error instanceof TooMuchWork)) throw error;
  }
  rules.work.allow(TICKET_WORK);
  return { plan: unjudgedBatch(batch, rules, source) };
}

/** A batch is seen whole or not at all: it was accepted whole. */
function answerBatchAgain(ctx: Context, batch: Batch): boolean {
  const first = batch.ops[0] && ctx.db.file_op.opId.find(batch.ops[0].opId);
  if (!first) return false;
  admitRepeat(ctx, batch.ops.length, batchBytes(batch));
  for (const op of batch.ops) {
    spend(WORK_UNITS.row);
    const row = op === batch.ops[0] ? first : ctx.db.file_op.opId.find(op.opId);
    if (!row) throw new Refusal('op_id_reused', 'part of this batch was sent before without it');
    demandSame(ctx, row, chainHasher.payload(op));
    tellAgain(ctx, row);
  }
  return true;
}

function checkBatch(ctx: Context, caller: Caller, batch: Batch, history: History): void {
  const { limits, nowMicros } = history;
  demand(batch.ops.length > 0, 'bad_request', 'a batch has at least one op');
  demand(batch.ops.length <= limits.opsPerBatch, 'too_many', 'too many ops in one batch');
  demandOpId(batch.batchId);
  for (const op of batch.ops) {
    demandOpId(op.opId);
    demand(op.intent === 'typing' || op.intent === 'patch', 'bad_request', 'unknown intent');
  }
  const changes = batch.ops.reduce((sum, op) => sum + op.changes.length, 0);
  // Each is checked and put into a text: what could not even become a ticket is not begun.
  if (2 * textUnits(changes, 0) > TICKET_WORK) throw new TooMuchWork();
  const bytes = batchBytes(batch);
  demand(bytes <= limits.batchBytes, 'too_large', 'too much text in one batch');
  // Whatever becomes of it, it could never be in a file.
  const isOneTooLarge = batch.ops.some((op) => opBytes(op) > limits.textFileBytes);
  demand(!isOneTooLarge, 'too_large', 'no file of this world can have so much text');
  opRate.spend(caller.hex, batch.ops.length, limits.opsPerSecond, nowMicros);
  byteRate.spend(caller.hex, bytes, limits.bytesPerSecond, nowMicros);
}

interface ToldBatch {
  readonly batch: Pick<Batch, 'batchId'>;
  readonly isShort: boolean;
  /** What of its text came back, by the index of the op. */
  readonly returned: ReadonlyMap<number, readonly ReturnedText[]>;
  /** Of the call, where that is more than a batch of edits. */
  readonly payloadHash?: Uint8Array;
  readonly turn?: number | undefined;
}

/** What agents are about to do in files, before any of it is written: a replay takes the edits of a batch as one. */
export function noteWork(
  ctx: Context,
  caller: Caller,
  history: History,
  source: WorldSource,
  authors: readonly Who[],
  ops: readonly PlannedOp[],
): void {
  const seen = new Set<number>();
  ops.forEach(({ op: { fileId } }, index) => {
    const author = authors[index]!;
    if (seen.has(fileId) || !isAgent(ctx.db, author, caller)) return;
    seen.add(fileId);
    source.keep(snapshotBeforeWork(ctx, history, author, source.head(fileId)));
  });
}

/** Writes the ops of a batch; returns the content hash that each file ends with. */
export function appendOps(
  history: History,
  source: WorldSource,
  told: ToldBatch,
  authors: readonly Who[],
  ops: readonly PlannedOp[],
): Map<number, Uint8Array> {
  const { batch, isShort, returned } = told;
  const hashes = new Map<number, Uint8Array>();
  const versions = new Map<number, number>();
  ops.forEach((planned, index) => {
    const { op } = planned;
    const { fileId } = op;
    const head = source.head(fileId);
    const version = (versions.get(fileId) ?? head.version) + 1;
    const beforeHash = hashes.get(fileId) ?? head.contentHash;
    const afterHash = contentHasher.text(planned.text);
    const opSeq = history.append({
      opId: op.opId,
      batchId: isShort ? String(history.nextSeq) : batch.batchId,
      fileId,
      version,
      kind: 'edit',
      author: authors[index]!,
      expectedBaseVersion: op.expectedBaseVersion,
      carriedFrom: op.carriedFrom,
      intent: planned.intent,
      changes: planned.changes,
      payload: withTurn(payloadOf(returned.get(index)), told.turn),
      overlaps: op.overlaps,
      overwrote: planned.overwrote,
      firstLine: planned.firstLine,
      lastLine: planned.lastLine,
      lineDelta: planned.lineDelta,
      payloadHash: told.payloadHash ?? chainHasher.payload(op),
      beforeHash,
      afterHash,
    });
    versions.set(fileId, version);
    hashes.set(fileId, afterHash);
    if (!isShort) history.tell(op.opId, planned.isRebased ? 'rebased' : 'applied', opSeq, version);
  });
  return hashes;
}

function payloadOf(returned: readonly ReturnedText[] | undefined): string {
  return returned ? canonicalJson({ returned }) : '';
}

/** What the ops of a batch made of a file. */
export interface EditedFile {
  readonly steps: readonly Changes[];
  readonly text: Text;
  readonly byteLength: number;
  readonly contentHash: Uint8Array;
}

/** Writes the head of a file once for all the ops of a batch. Returns the tickets that it touched. */
export function settleFile(
  ctx: Context,
  caller: Caller,
  history: History,
  before: Row<'file_head'>,
  { steps, text, byteLength, contentHash }: EditedFile,
  concerned?: readonly Row<'open_ticket_file'>[],
): readonly number[] {
  const { fileId } = before;
  const version = before.version + steps.length;
  const head = {
    ...before,
    version,
    contentHash,
    byteLength,
    lineCount: text.lineCount,
    updatedBy: caller.identity,
    updatedAt: ctx.timestamp,
  };
  rememberText(fileId, version, contentHash, text);
  const touched = moveAlong(ctx.db, head, text, steps, history.limits, concerned);
  ctx.db.file_head.fileId.update(noteGrowth(ctx, history, caller, head, text));
  return touched;
}
