import { toHex } from '../../src/core/hash.ts';
import type { OpKind } from '../../src/core/op.ts';
import { canonicalJson } from '../../src/core/op-payload.ts';
import { utf8Length } from '../../src/core/path.ts';
import { MOVED_PATH_BYTES } from '../../src/core/sizes.ts';
import { withTurn } from '../../src/core/turn.ts';
import { byteUnits, textUnits, TICKET_WORK, TooMuchWork, WORK_UNITS } from '../../src/core/work.ts';
import { demandNewCall, rememberSettled, type SettledCall } from './call-memory.ts';
import { turnOfCall } from './call-turn.ts';
import { authorOf, type Caller, writerOf } from './caller.ts';
import { demandPathsFree, placesOfSteps } from './claimed-paths.ts';
import { isSame, makeFile } from './creates.ts';
import { applyEffect, type FileCall, type FileDecision } from './file-call.ts';
import { hash, hashText } from './hash.ts';
import { History } from './history.ts';
import { demandOpId } from './ids.ts';
import {
  decideContent,
  decideDelete,
  decideMode,
  decideRename,
  decideRestore,
} from './lifecycle.ts';
import { fileAt } from './paths.ts';
import { opBytes, type PlannedOp } from './plan-batch.ts';
import { planSteps, readStep, type SentStep, type Step, type StepsCall } from './plan-steps.ts';
import { byteRate, opRate } from './rates.ts';
import { demand, Refusal } from './refusal.ts';
import { rulesFor } from './rules.ts';
import { settleTickets } from './settle-tickets.ts';
import { answerStepsAgain } from './steps-again.ts';
import { openStepsTicket } from './steps-ticket.ts';
import { spend } from './work.ts';
import type { Arguments, Context } from './world.ts';
import { WorldSource } from './world-source.ts';
import { appendOps, settleFile } from './write-path.ts';

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
function spendOn(caller: Caller, { limits, nowMicros }: History, sent: readonly SentStep[]): void {
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
function askedOf({ content, rangeHashes, ...step }: SentStep): object {
  const ranges = rangeHashes.map(({ hash: of, ...range }) => ({ ...range, hash: toHex(of) }));
  if (!content) return { ...step, ranges };
  const { kind, eol, bom, text, bytes } = content;
  const hashes = [toHex(hashText(text)), toHex(hash(bytes))];
  return { ...step, ranges, content: { kind, eol, bom, hashes } };
}

/** Does steps that nothing holds up, as the calls for one of them do. */
class Doing {
  readonly #ctx: Context;
  readonly #caller: Caller;
  readonly #history: History;
  readonly #call: StepsCall;
  readonly #waiting: PlannedOp[] = [];
  readonly #touched: number[] = [];
  readonly #settled: SettledCall[] = [];

  constructor(ctx: Context, caller: Caller, history: History, call: StepsCall) {
    this.#ctx = ctx;
    this.#caller = caller;
    this.#history = history;
    this.#call = call;
  }

  /** `edits` are those of the steps, in order. */
  run(steps: readonly Step[], edits: readonly PlannedOp[]): void {
    let edited = 0;
    for (const step of steps) {
      if (step.kind === 'edit') this.#waiting.push(edits[edited++]!);
      else if (step.kind === 'create') this.#create(step);
      else this.#change(step);
    }
    this.#flush();
    settleTickets(this.#ctx, this.#caller, this.#history, this.#touched);
    rememberSettled(this.#ctx, this.#caller, this.#settled);
  }

  /** A replay takes edits that follow each other in the history as one batch, so they are one here. */
  #flush(): void {
    const ops = this.#waiting.splice(0);
    if (ops.length === 0) return;
    const [ctx, caller, history] = [this.#ctx, this.#caller, this.#history];
    const source = new WorldSource(ctx.db, caller);
    const told = { batch: this.#call, isShort: false, returned: new Map(), ...this.#call };
    const authors = ops.map(() => this.#call.author);
    const hashes = appendOps(history, source, told, authors, ops);
    for (const [fileId, contentHash] of hashes) {
      const own = ops.filter(({ op }) => op.fileId === fileId);
      const { text, byteLength } = own.at(-1)!;
      const edited = { steps: own.map(({ changes }) => changes), text, byteLength, contentHash };
      this.#touched.push(...settleFile(ctx, caller, history, source.head(fileId), edited));
    }
  }

  #change(step: Exclude<Step, { kind: 'edit' | 'create' }>): void {
    const [ctx, caller, history] = [this.#ctx, this.#caller, this.#history];
    const { opId, fileId, base: expectedBaseVersion } = step;
    const look = () => {
      const head = ctx.db.file_head.fileId.find(fileId)!;
      return { head, decision: decide(ctx, { caller, history, head }, step) };
    };
    const before = look();
    if (before.decision.tag === 'nothing') {
      this.#nothing(opId, 0, before.head.version);
      return;
    }
    const isAfterEdits = this.#waiting.length > 0;
    this.#flush();
    const { head, decision } = isAfterEdits ? look() : before;
    if (decision.tag !== 'apply') throw new Error(`step ${opId} was planned to be done`);
    const payload = withTurn(canonicalJson(decision.payload), this.#call.turn);
    const kind: OpKind = step.kind === 'content' ? 'edit' : step.kind;
    const op = { ...this.#call, opId, kind, expectedBaseVersion, payload };
    const { opSeq, after } = applyEffect(ctx, caller, history, head, decision.effect, op);
    history.tell(opId, 'applied', opSeq, after.version);
  }

  #create(step: Extract<Step, { kind: 'create' }>): void {
    const { opId, path } = step;
    const taken = fileAt(this.#ctx.db, path);
    if (taken) {
      if (!isSame(taken, step)) throw new Error(`step ${opId} was planned to be done`);
      this.#nothing(opId, taken.fileId, taken.version);
      return;
    }
    this.#flush();
    const fileId = makeFile(this.#ctx, this.#history, { ...this.#call, ...step });
    this.#history.tell(opId, 'applied', fileId, 1);
  }

  #nothing(opId: string, opSeq: number, version: number): void {
    this.#settled.push({ opId, payloadHash: this.#call.payloadHash, opSeq, version });
    this.#history.tell(opId, 'duplicate', opSeq, version);
  }
}

/** As for one call; what its author had not seen was looked at before, and the steps before are its own. */
function decide(
  ctx: Context,
  call: FileCall,
  step: Exclude<Step, { kind: 'edit' | 'create' }>,
): FileDecision {
  switch (step.kind) {
    case 'rename':
      return decideRename(ctx, call, step);
    case 'delete':
      return decideDelete(ctx, call, call.head.version);
    case 'restore':
      return decideRestore(ctx, call, step.path);
    case 'mode':
      return decideMode(call, step.shape);
    case 'content':
      return decideContent(ctx, call, call.head.version, step.content);
  }
}
