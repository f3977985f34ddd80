import type { OpKind } from '../../src/core/op.ts';
import { canonicalJson } from '../../src/core/op-payload.ts';
import { withTurn } from '../../src/core/turn.ts';
import { rememberSettled, type SettledCall } from './call-memory.ts';
import type { Caller } from './caller.ts';
import { isSame, makeFile } from './creates.ts';
import { applyEffect, type FileCall, type FileDecision } from './file-call.ts';
import type { History } from './history.ts';
import {
  decideContent,
  decideDelete,
  decideMode,
  decideRename,
  decideRestore,
} from './lifecycle.ts';
import { fileAt } from './paths.ts';
import type { PlannedOp } from './plan-batch.ts';
import type { Step, StepsCall } from './plan-steps.ts';
import { heldReturns } from './returned-text.ts';
import { settleTickets } from './settle-tickets.ts';
import type { Context } from './world.ts';
import { WorldSource } from './world-source.ts';
import { appendOps, noteWork, settleFile } from './write-path.ts';

/** Does steps that nothing holds up, as the calls for one of them do. */
export class Doing {
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
    const returned = heldReturns(ctx.db, ops);
    const told = { batch: this.#call, isShort: false, returned, ...this.#call };
    const authors = ops.map(() => this.#call.author);
    noteWork(ctx, caller, history, source, authors, ops);
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
      if (!isSame(this.#ctx.db, taken, step))
        throw new Error(`step ${opId} was planned to be done`);
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
      return decideMode(ctx, call, step.shape, step.base);
    case 'content':
      return decideContent(ctx, call, call.head.version, step.content);
  }
}
