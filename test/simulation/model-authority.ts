import { createHash } from 'node:crypto';
import { type Changes, normalizeChanges } from '../../src/core/change.ts';
import { compose } from '../../src/core/compose.ts';
import { ContentHasher } from '../../src/core/content-hash.ts';
import { DEFAULT_LIMITS } from '../../src/core/limits.ts';
import type { Batch, SubmittedOp } from '../../src/core/op.ts';
import { type CommittedChanges, judge, type PolicyMode } from '../../src/core/policy.ts';
import { rebase } from '../../src/core/rebase.ts';
import { Text } from '../../src/core/text.ts';
import { findFault } from '../../src/core/validate-changes.ts';
import type { BatchAnswer } from '../../src/sync/ports.ts';
import type { Authority, HistoryOp, Ticket } from './authority.ts';

/** The write path in a few lines over `core`: fast enough for thousands of runs. */
export class ModelAuthority implements Authority {
  policy: PolicyMode;
  readonly history: HistoryOp[] = [];
  readonly #tickets: Ticket[] = [];
  readonly #texts: Text[];
  readonly #answers = new Map<string, { payload: string; answer: BatchAnswer }>();
  readonly #hasher = new ContentHasher((data) => createHash('sha256').update(data).digest());
  readonly #refuse: (actor: string) => string | undefined;
  readonly #nowMs: () => number;
  readonly #madeAtMs: number[] = [];
  readonly #paused = new Set<string>();
  #isDeleted = false;
  #opSeq = 1;

  constructor(
    text: string,
    policy: PolicyMode,
    nowMs: () => number,
    refuse: (actor: string) => string | undefined,
  ) {
    this.#texts = [Text.of(text)];
    this.policy = policy;
    this.#nowMs = nowMs;
    this.#refuse = refuse;
  }

  tickets(): readonly Ticket[] {
    return this.#tickets;
  }

  textAt(version: number): Text {
    return this.#texts[version - 1]!;
  }

  ticketOf(opId: string): number | undefined {
    const answer = this.#answers.get(opId)?.answer;
    return answer?.tag === 'ticketed' ? answer.ticketId : undefined;
  }

  setPolicy(policy: PolicyMode): Promise<void> {
    this.policy = policy;
    return Promise.resolve();
  }

  setPaused(actor: string, isPaused: boolean): Promise<void> {
    if (isPaused) this.#paused.add(actor);
    else this.#paused.delete(actor);
    return Promise.resolve();
  }

  setDeleted(isDeleted: boolean): Promise<void> {
    this.#isDeleted = isDeleted;
    return Promise.resolve();
  }

  restart(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  submit(actor: string, batch: Batch): Promise<BatchAnswer> {
    return Promise.resolve(this.#submit(actor, batch));
  }

  #submit(actor: string, batch: Batch): BatchAnswer {
    const known = batch.ops.map((op) => this.#answers.get(op.opId));
    if (known[0]) {
      const isSame = batch.ops.every((op, index) => known[index]?.payload === payloadOf(op));
      return isSame ? known[0].answer : refused('op_id_reused');
    }
    const code = this.#paused.has(actor) ? 'paused' : this.#refuse(actor);
    if (code) return refused(code);
    const answer = batch.extends === 0 ? this.#judge(actor, batch) : this.#extend(batch);
    if (answer.tag !== 'refused') {
      for (const op of batch.ops) this.#answers.set(op.opId, { payload: payloadOf(op), answer });
    }
    return answer;
  }

  #judge(actor: string, batch: Batch): BatchAnswer {
    const base = batch.ops[0]!.expectedBaseVersion;
    if (base < 1 || base > this.#texts.length) return refused('bad_range');
    let between: readonly CommittedChanges[] = this.history.slice(base - 1);
    let authorText = this.textAt(base);
    const steps: { op: SubmittedOp; changes: Changes; overwrote: readonly number[] }[] = [];
    let cause: { reason: string; overlapping: readonly number[] } | undefined;
    for (const op of batch.ops) {
      if (findFault(op.changes, authorText)) return refused('bad_range');
      const changes = normalizeChanges(op.changes);
      const intent = this.#isOld(op, base) ? 'patch' : op.intent;
      const verdict = judge(
        { changes, intent, declaredOverlaps: op.overlaps },
        between,
        this.policy,
      );
      if (this.#isDeleted) cause ??= { reason: 'deleted', overlapping: [] };
      else if (verdict.tag === 'ticket') cause ??= verdict;
      else steps.push({ op, changes: verdict.changes, overwrote: verdict.overwrote });
      authorText = authorText.apply(changes);
      let own = changes;
      between = between.map((other) => {
        const moved = { opSeq: other.opSeq, changes: rebase(other.changes, own, 'before') };
        own = rebase(own, other.changes, 'after');
        return moved;
      });
    }
    if (cause) return this.#openTicket(actor, batch, base, cause);
    for (const step of steps) this.#commit(actor, step.op.opId, step.changes, step.overwrote);
    return { tag: 'applied', version: this.#texts.length };
  }

  #isOld(op: SubmittedOp, base: number): boolean {
    const from = op.carriedFrom || base;
    const since = this.#madeAtMs[from - 1];
    return since !== undefined && this.#nowMs() - since > DEFAULT_LIMITS.carriedMs;
  }

  #commit(actor: string, opId: string, changes: Changes, overwrote: readonly number[]): void {
    const text = this.#texts.at(-1)!.apply(changes);
    this.#texts.push(text);
    this.#madeAtMs.push(this.#nowMs());
    const afterHash = this.#hasher.text(text);
    const version = this.#texts.length;
    this.history.push({
      opSeq: ++this.#opSeq,
      opId,
      version,
      changes,
      afterHash,
      actor,
      atMs: this.#nowMs(),
      overwrote,
    });
  }

  #openTicket(
    actor: string,
    batch: Batch,
    baseVersion: number,
    cause: { reason: string; overlapping: readonly number[] },
  ): BatchAnswer {
    const proposed = batch.ops.reduce<Changes>((all, op) => compose(all, op.changes), []);
    const ticketId = ++this.#opSeq;
    const { policy } = this;
    const { ops } = batch;
    this.#tickets.push({
      ticketId,
      actor,
      atMs: this.#nowMs(),
      ...cause,
      policy,
      ops,
      baseVersion,
      proposed,
    });
    return { tag: 'ticketed', ticketId };
  }

  #extend(batch: Batch): BatchAnswer {
    const at = this.#tickets.findIndex((ticket) => ticket.ticketId === batch.extends);
    const ticket = this.#tickets[at];
    if (!ticket) return refused('no_such_ticket');
    const op = batch.ops[0]!;
    const baseVersion = op.expectedBaseVersion;
    if (findFault(op.changes, this.textAt(baseVersion))) return refused('bad_range');
    this.#tickets[at] = { ...ticket, baseVersion, proposed: op.changes };
    return { tag: 'ticketed', ticketId: ticket.ticketId };
  }
}

function refused(code: string): BatchAnswer {
  return { tag: 'refused', code, message: `refused: ${code}` };
}

function payloadOf(op: SubmittedOp): string {
  return JSON.stringify([op.fileId, op.expectedBaseVersion, op.intent, op.changes]);
}
