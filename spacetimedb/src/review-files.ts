import type { OpKind } from '../../src/core/op.ts';
import { canonicalJson, writePayload } from '../../src/core/op-payload.ts';
import {
  areRanges,
  areWholeKinds,
  decidesNothing,
  REVIEW_FILES,
  REVIEW_TOLD,
  REVIEW_WORDS,
  type ReviewDecision,
  reviewText,
} from '../../src/core/review.ts';
import { byteUnits, WORK_UNITS } from '../../src/core/work.ts';
import { isAgentWork } from './agent-work.ts';
import { demandNewCall } from './call-memory.ts';
import { type Caller, demandScope, hexOf, writerOf } from './caller.ts';
import { askedOf, spendOn } from './change-files.ts';
import { Doing } from './do-steps.ts';
import { hashText } from './hash.ts';
import { History, NO_TEXT } from './history.ts';
import { demandOpId } from './ids.ts';
import { demandMessage, isText, writeNote } from './notes.ts';
import { spendOnNote } from './note-call.ts';
import { planSteps, readStep, type Step } from './plan-steps.ts';
import { byteRate, opRate } from './rates.ts';
import { demand, Refusal } from './refusal.ts';
import { demandReturnedCount, spanOf } from './returned-text.ts';
import { applyReview } from './review-table.ts';
import { answerStepsAgain } from './steps-again.ts';
import { spend } from './work.ts';
import type { Arguments, Context, Row } from './world.ts';

type Call = Arguments<'review_files'>;
type SentReview = Call['reviews'][number];
type Told = Arguments<'review_and_tell'>['told'][number];

/**
 * A person keeps what agents did to files, or takes it back. What is decided is what was looked at: whoever did
 * not see what others decided or wrote there since is refused, and looks again.
 */
export function reviewFiles(ctx: Context, args: Call): void {
  decide(ctx, args, []);
}

/**
 * The same, with messages to those who are to hear of it: whoever is cut off between the two has neither decided nor
 * told.
 */
export function reviewAndTell(ctx: Context, { told, ...args }: Arguments<'review_and_tell'>): void {
  decide(ctx, args, told);
}

function decide(ctx: Context, args: Call, told: readonly Told[]): void {
  const { batchId, reviews, steps: sent } = args;
  const first = reviews[0];
  if (!first) throw new Refusal('bad_request', 'there is nothing to decide');
  const asked = canonicalJson({
    reviews,
    steps: sent.map(askedOf),
    ...(told.length > 0 && { told }),
  });
  const payloadHash = hashText(asked);
  const ids = [...reviews, ...sent, ...told];
  if (answerStepsAgain(ctx, ids, payloadHash, asked.length)) return;
  const caller = writerOf(ctx, 'edit');
  demand(caller.member.kind !== 'agent', 'forbidden', 'only people decide what agents did');
  const history = History.open(ctx, caller);
  demandOpId(batchId);
  demand(new Set(ids.map(({ opId }) => opId)).size === ids.length, 'bad_request', SAME_IDS);
  spendOnReviews(caller, history, reviews);
  demandTold(ctx, caller, history, told);
  for (const { opId } of ids) demandNewCall(ctx, caller, opId);
  for (const review of reviews) write(ctx, caller, history, batchId, payloadHash, review);
  if (sent.length > 0) {
    const steps = stepsOf(caller, history, args);
    demandReviewed(reviews, steps);
    const plan = planSteps(ctx, caller, history, batchId, steps);
    if (plan.stuck.length > 0 || plan.edits.tag === 'ticket') {
      const fileIds = plan.stuck.map(({ head }) => head.fileId);
      throw new Refusal('head_moved', 'others wrote here since; look again', { fileIds });
    }
    const call = { batchId, opId: first.opId, author: caller, payloadHash, turn: undefined };
    new Doing(ctx, caller, history, call).run(steps, plan.edits.ops);
  }
  for (const { opId, to, text } of told) {
    const payload = { note: 'message', text, to } as const;
    writeNote(ctx, history, caller, { opId, payload, payloadHash });
  }
  history.close();
}

/** Refuses what may not be said. Each message counts as one that is sent by itself. */
function demandTold(ctx: Context, caller: Caller, history: History, told: readonly Told[]): void {
  demand(told.length <= REVIEW_TOLD, 'too_many', 'too many members are told with one call');
  const isOnce = new Set(told.map(({ to }) => to)).size === told.length;
  demand(isOnce, 'bad_request', 'a member is told once with a call');
  for (const { to, text } of told) {
    demand(to !== '', 'bad_request', 'who is told is named');
    demandMessage(ctx, history.limits, 'message', { to, text });
    spendOnNote(caller, history, text.length);
  }
  spend(told.length * (WORK_UNITS.op + 2 * WORK_UNITS.row));
}

const SAME_IDS = 'each review and each step has an id of its own';

/** Refuses what is too much, by its size alone. */
function spendOnReviews(
  caller: Caller,
  { limits, nowMicros }: History,
  reviews: readonly SentReview[],
): void {
  demand(reviews.length <= REVIEW_FILES, 'too_many', 'too many files in one call');
  const isOnce = new Set(reviews.map(({ fileId }) => fileId)).size === reviews.length;
  demand(isOnce, 'bad_request', 'a file is decided about once in a call');
  const bytes = reviews.reduce((sum, { words, lines }) => {
    return sum + 3 * words.length + 24 * lines.length;
  }, 0);
  opRate.spend(caller.hex, reviews.length, limits.opsPerSecond, nowMicros);
  byteRate.spend(caller.hex, bytes, limits.bytesPerSecond, nowMicros);
  spend(reviews.length * (WORK_UNITS.op + 8 * WORK_UNITS.row) + byteUnits(bytes));
}

function stepsOf(caller: Caller, history: History, { steps, returned }: Call): Step[] {
  spendOn(caller, history, steps);
  demandReturnedCount(returned.length);
  return steps.map((sent, index) => {
    const step = readStep(sent, history.limits);
    const said = returned.filter(({ op }) => op === index).map(spanOf);
    if (step.kind !== 'edit' || said.length === 0) return step;
    return { ...step, op: { ...step.op, returned: said } };
  });
}

/** What is taken back is decided: a step on any other file would be no part of a review. */
function demandReviewed(reviews: readonly SentReview[], steps: readonly Step[]): void {
  const taken = new Set(reviews.flatMap(({ does, fileId }) => (does === 'take' ? [fileId] : [])));
  const areTheirs = steps.every((step) => step.kind !== 'create' && taken.has(step.fileId));
  demand(areTheirs, 'bad_request', 'a step does what no decision of the call is about');
}

/** Writes the op of a decision, and does what it says. */
function write(
  ctx: Context,
  caller: Caller,
  history: History,
  batchId: string,
  payloadHash: Uint8Array,
  review: SentReview,
): void {
  const { opId, fileId } = review;
  const head = ctx.db.file_head.fileId.find(fileId);
  if (!head) throw new Refusal('no_such_file', `there is no file ${fileId}`);
  demandScope(caller, head.path);
  const decision = decisionOf(ctx, review, head);
  const { version, contentHash: hash } = head;
  const payload = { note: 'review', text: reviewText(decision), to: '', review: decision } as const;
  const opSeq = history.append({
    ...NO_TEXT,
    opId,
    batchId,
    fileId,
    version,
    kind: 'note',
    author: caller,
    payload: writePayload('note', payload),
    payloadHash,
    beforeHash: hash,
    afterHash: hash,
  });
  if (!applyReview(ctx.db, { opSeq, fileId }, decision)) {
    throw new Error('a decision was judged to fit and does not');
  }
  history.tell(opId, 'applied', opSeq, version);
}

/** What was asked for, if it is about what is there to look at. */
function decisionOf(ctx: Context, review: SentReview, head: Row<'file_head'>): ReviewDecision {
  const { does, fileId, seenSeq, whole, agent, turn, upTo, words } = review;
  const { db } = ctx;
  const row = db.unreviewed_file.fileId.find(fileId);
  const why = 'nothing that agents did to this file is left to look at';
  if (!row || seenSeq <= row.sinceSeq) throw new Refusal('already_resolved', why);
  const seen = db.file_op.opSeq.find(seenSeq);
  const isKnown = seen !== null && seen.fileId === fileId;
  demand(isKnown, 'bad_range', 'what was looked at is no op of this file');
  const isNewest = row.changedSeq <= seenSeq;
  demand(isNewest, 'head_moved', 'somebody decided about this file since; look again');
  demand(does === 'keep' || does === 'take', 'bad_request', 'agents’ work is kept, or taken back');
  const lines = review.lines.map(({ firstLine, lastLine }) => [firstLine, lastLine] as const);
  demand(areRanges(lines), 'bad_range', 'lines are few ranges, in order');
  demand(areWholeKinds(whole), 'bad_request', 'unknown kind of change of a whole file');
  // What went by itself is no decision: whoever looked says up to where nothing is left.
  const isAboutSome = !decidesNothing({ lines, whole }) || (does === 'keep' && upTo > 0);
  demand(isAboutSome, 'bad_request', 'it decides about nothing');
  demand(/^(?:[0-9a-f]{64})?$/.test(agent), 'bad_request', 'an agent is 64 hexadecimal digits');
  demand(words.length <= REVIEW_WORDS, 'too_large', 'what agents are told is too long');
  demand(isText(words), 'bad_text', 'this is not text');
  const isUpTo = upTo === 0 || (upTo <= seenSeq && db.file_op.opSeq.find(upTo)?.fileId === fileId);
  demand(isUpTo, 'bad_range', 'it says that it settles what was not looked at');
  return {
    does,
    seenSeq,
    version: seen.version,
    lines,
    whole,
    ...(agent !== '' && { agent }),
    ...(turn !== 0 && { turn }),
    ...(upTo !== 0 && { upTo }),
    ...(upTo !== 0 && isLast(ctx, head, upTo) && { isLast: true }),
    ...(words !== '' && { words }),
  };
}

/** True where no agent did anything after an op of the file. Of a long time nobody looks it up. */
function isLast(ctx: Context, head: Row<'file_head'>, upTo: number): boolean {
  const { db } = ctx;
  const { fileId, version: last } = head;
  const { version: first } = db.file_op.opSeq.find(upTo)!;
  let left = LOOKED_BACK;
  for (let version = first; version <= last; version++) {
    for (const op of db.file_op.byFileVersion.filter([fileId, version])) {
      spend(WORK_UNITS.row);
      if (--left < 0) return false;
      if (op.opSeq <= upTo) continue;
      const author = { identity: op.author, hex: hexOf(op.author) };
      const work = { kind: op.kind as OpKind, fileId, author, payload: op.payload };
      if (isAgentWork(ctx, work, author)) return false;
    }
  }
  return true;
}

/** So many ops of the file: who decides has seen nearly all. */
const LOOKED_BACK = 256;
