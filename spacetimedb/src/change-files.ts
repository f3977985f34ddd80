import { toHex } from '../../src/core/hash.ts';
import { canonicalJson } from '../../src/core/op-payload.ts';
import { utf8Length } from '../../src/core/path.ts';
import { MOVED_PATH_BYTES } from '../../src/core/sizes.ts';
import { byteUnits, textUnits, TICKET_WORK, TooMuchWork, WORK_UNITS } from '../../src/core/work.ts';
import { demandNewCall } from './call-memory.ts';
import { turnOfCall } from './call-turn.ts';
import { authorOf, type Caller, writerOf } from './caller.ts';
import { demandPathsFree, placesOfSteps } from './claimed-paths.ts';
import { Doing } from './do-steps.ts';
import { hash, hashText } from './hash.ts';
import { History } from './history.ts';
import { demandOpId } from './ids.ts';
import { opBytes } from './plan-batch.ts';
import { planSteps, readStep, type SentStep } from './plan-steps.ts';
import { byteRate, opRate } from './rates.ts';
import { demand, Refusal } from './refusal.ts';
import { rulesFor } from './rules.ts';
import { answerStepsAgain } from './steps-again.ts';
import { openStepsTicket } from './steps-ticket.ts';
import { spend } from './work.ts';
import type { Arguments, Context } from './world.ts';

/**
 * Does several things to files in one call, step by step: all of it, or nothing. Where one step cannot be
 * done as its author saw the world, the whole is one ticket, under the id of the first.
 */
export function changeFiles(ctx: Context, args: Arguments<'change_files'>): void {
  const { batchId, steps: sent } = args;
  const first = sent[0];
  if (!first) throw new Refusal('bad_request', 'there is nothing to change');
  const asked = canonicalJson({ changes: sent.map(askedOf) });
  const payloadHash = hashText(asked);
  if (answerStepsAgain(ctx, sent, payloadHash, asked.length)) return;
  const caller = writerOf(ctx, 'edit');
  const history = History.open(ctx, caller);
  demandOpId(batchId);
  spendOn(caller, history, sent);
  for (const { opId } of sent) demandNewCall(ctx, caller, opId);
  const author = authorOf(ctx, caller, args.author);
  const turn = turnOfCall(ctx, caller, args.turn);
  const steps = sent.map((step) => readStep(step, history.limits));
  const plan = planSteps(ctx, caller, history, batchId, steps);
  demandPathsFree(ctx.db, rulesFor(caller, history), placesOfSteps(ctx.db, steps));
  const call = { batchId, opId: first.opId, author, payloadHash, turn };
  if (plan.stuck.length > 0) {
    openStepsTicket(ctx, caller, history, plan, call);
  } else {
    if (plan.edits.tag === 'ticket') throw new Error('an edit that is a ticket holds no step up');
    const doing = new Doing(ctx, caller, history, call);
    doing.run(steps, plan.edits.ops);
  }
  history.close();
}

/** Refuses what is too much, by its size alone. */
export function spendOn(
  caller: Caller,
  { limits, nowMicros }: History,
  sent: readonly SentStep[],
): void {
  const edits = sent.filter(({ kind }) => kind === 'edit');
  const changes = edits.reduce((sum, step) => sum + step.changes.length, 0);
  demand(sent.length <= limits.filesPerImport, 'too_many', 'too many steps at once');
  demand(edits.length <= limits.opsPerBatch, 'too_many', 'too many ops in one batch');
  if (2 * textUnits(changes, 0) > TICKET_WORK) throw new TooMuchWork();
  const paths = sent.reduce((sum, { fromPath, path }) => sum + utf8Length(fromPath + path), 0);
  demand(paths <= MOVED_PATH_BYTES, 'too_large', 'too many long paths at once');
  const text = edits.reduce((sum, step) => sum + opBytes(step), 0);
  const isOneTooLarge = edits.some((step) => opBytes(step) > limits.textFileBytes);
  demand(!isOneTooLarge, 'too_large', 'no file of this world can have so much text');
  const contents = sent.reduce((sum, { content }) => sum + sizeOf(content), 0);
  demand(text + contents <= limits.batchBytes, 'too_large', 'too much text in one call');
  const isOnce = new Set(sent.map(({ opId }) => opId)).size === sent.length;
  demand(isOnce, 'bad_request', 'each step has an id of its own');
  opRate.spend(caller.hex, sent.length, limits.opsPerSecond, nowMicros);
  byteRate.spend(caller.hex, text + contents, limits.bytesPerSecond, nowMicros);
  const bytes = text + contents + paths;
  spend(sent.length * (WORK_UNITS.op + 8 * WORK_UNITS.row) + byteUnits(bytes));
}

function sizeOf(content: SentStep['content']): number {
  return content ? content.text.length + content.bytes.length : 0;
}

/** All that a repeat must say again; contents by their hashes. */
export function askedOf({ content, rangeHashes, ...step }: SentStep): object {
  const ranges = rangeHashes.map(({ hash: of, ...range }) => ({ ...range, hash: toHex(of) }));
  if (!content) return { ...step, ranges };
  const { kind, eol, bom, text, bytes } = content;
  const hashes = [toHex(hashText(text)), toHex(hash(bytes))];
  return { ...step, ranges, content: { kind, eol, bom, hashes } };
}
