import type { WaitingStep } from '../../src/core/file-steps.ts';
import type { OpKind } from '../../src/core/op.ts';
import { canonicalJson, type ContentPayload } from '../../src/core/op-payload.ts';
import { writeEol } from '../../src/core/other-ends.ts';
import { turnOf, withTurn } from '../../src/core/turn.ts';
import { WORK_UNITS } from '../../src/core/work.ts';
import { hexOf, type Who } from './caller.ts';
import { loadBytes, loadText } from './content-store.ts';
import { isSame, makeFile } from './creates.ts';
import { type Decision, demandStep } from './decision.ts';
import { applyEffect, type FileCall, type FileDecision, writeHead } from './file-call.ts';
import { type CheckedContent, checkContent } from './file-content.ts';
import { contentHasher } from './hash.ts';
import { NO_TEXT } from './history.ts';
import {
  decideContent,
  decideDelete,
  decideMode,
  decideRename,
  decideRestore,
} from './lifecycle.ts';
import { demandPath, fileAt } from './paths.ts';
import { opRate } from './rates.ts';
import { demand, Refusal } from './refusal.ts';
import { decidePart, type DecidedPart, type SentDecision } from './resolution.ts';
import { rulesFor } from './rules.ts';
import { spend } from './work.ts';
import type { Database, Row } from './world.ts';
import { settleFile } from './write-path.ts';

/** The files that steps are about, but for new ones. */
export function filesOfSteps(steps: readonly WaitingStep[] = []): readonly number[] {
  return steps.flatMap(({ fileId }) => (fileId > 0 ? [fileId] : []));
}

/**
 * Does the steps that wait in a ticket on what the world is now, as ops like any other of whoever proposed
 * them; the op that closes the ticket comes after them. `ticket` is whole.
 */
export function applyWaiting(
  decision: Decision,
  steps: readonly WaitingStep[],
  ticket: Row<'conflict_ticket'>,
  sent: SentDecision,
): void {
  const { ctx, caller, history } = decision;
  history.decides();
  opRate.spend(caller.hex, steps.length, history.limits.opsPerSecond, history.nowMicros);
  spend(steps.length * (WORK_UNITS.op + 8 * WORK_UNITS.row));
  const waiting = new Waiting(decision, steps, ticket, sent);
  for (const step of steps) waiting.do(step);
  writeHead(ctx, caller, waiting.head(ticket.fileId));
}

class Waiting {
  readonly #decision: Decision;
  readonly #author: Who;
  /** In which the changes were made. */
  readonly #turn: number | undefined;
  readonly #isPatch: boolean;
  /** What is to be put into texts, until it is. */
  readonly #texts: Map<number, DecidedPart>;

  constructor(
    decision: Decision,
    steps: readonly WaitingStep[],
    ticket: Row<'conflict_ticket'>,
    sent: SentDecision,
  ) {
    const { ctx, caller, history, source } = decision;
    this.#decision = decision;
    this.#author = { identity: ticket.author, hex: hexOf(ticket.author) };
    const proposal = ctx.db.file_op.opSeq.find(ticket.ticketId);
    this.#turn = proposal ? turnOf(proposal) : undefined;
    this.#isPatch = decision.resolution === 'patch';
    demand(
      !this.#isPatch || ticket.parts.length > 0,
      'bad_request',
      'this ticket has no text to patch',
    );
    const named = new Map(sent.parts.map((part) => [part.fileId, part]));
    const known = new Set([...filesOfSteps(steps), ...ticket.parts.map(({ fileId }) => fileId)]);
    for (const fileId of named.keys()) {
      demand(known.has(fileId), 'bad_request', `the ticket proposes nothing for file ${fileId}`);
    }
    const rules = rulesFor(caller, history);
    const texts = ticket.parts.map((part) =>
      decidePart(ctx, caller, source, rules, ticket, part, { sent, own: named.get(part.fileId) }),
    );
    this.#texts = new Map(texts.map((part) => [part.fileId, part]));
    for (const step of steps) {
      const { fileId } = step;
      const isWhole = step.kind === 'delete' || step.kind === 'content' || step.kind === 'create';
      if (!isWhole || fileId === 0 || this.#texts.has(fileId)) continue;
      const own = fileId === ticket.fileId ? sent.expectedHeadVersion : 0;
      demandSeen(source.head(fileId), named.get(fileId)?.expectedHeadVersion ?? own);
    }
  }

  head(fileId: number): Row<'file_head'> {
    return this.#decision.ctx.db.file_head.fileId.find(fileId)!;
  }

  do(step: WaitingStep): void {
    const { history, caller } = this.#decision;
    if (step.kind === 'create' && step.fileId === 0) {
      this.#make(step);
      return;
    }
    const { fileId } = step;
    this.#bringBack(fileId);
    if (step.kind === 'edit' || (step.kind === 'create' && this.#texts.has(fileId))) {
      this.#putText(fileId);
      return;
    }
    const head = this.head(fileId);
    const done = this.#decide({ caller, history, head }, step);
    if (done.tag === 'ticket')
      throw new Refusal('no_such_file', 'the file was deleted; restore it');
    if (done.tag === 'nothing') return;
    const isContent = step.kind === 'content' || step.kind === 'create';
    const kind: OpKind = isContent ? 'edit' : step.kind;
    this.#effect(head, kind, done);
  }

  /** As if it was asked for now, by somebody who sees what is there; what is done already is left. */
  #decide(call: FileCall, step: Exclude<WaitingStep, { kind: 'edit' }>): FileDecision {
    const { ctx } = this.#decision;
    const { head } = call;
    switch (step.kind) {
      case 'delete':
        return decideDelete(ctx, call, head.version);
      case 'restore':
        return decideRestore(ctx, call, step.path);
      case 'rename':
        if (head.deleted) return { tag: 'nothing' };
        return decideRename(ctx, call, { fromPath: head.path, path: step.to });
      case 'mode':
        return head.deleted ? { tag: 'nothing' } : decideMode(ctx, call, step, step.base);
      case 'content':
      case 'create':
        return decideContent(ctx, call, head.version, this.#content(step.content));
    }
  }

  #effect(
    head: Row<'file_head'>,
    kind: OpKind,
    { effect, payload }: Extract<FileDecision, { tag: 'apply' }>,
  ): void {
    const { ctx, caller, history, opId: batchId, payloadHash } = this.#decision;
    const said = { payload: withTurn(canonicalJson(payload), this.#turn), payloadHash };
    const made = { opId: history.nextModuleOpId(), batchId, author: this.#author };
    const op = { ...made, ...said, kind, expectedBaseVersion: head.version };
    applyEffect(ctx, caller, history, head, effect, op);
  }

  /** What somebody deleted comes back where the ticket has text for it. */
  #bringBack(fileId: number): void {
    const { ctx, history, caller } = this.#decision;
    const head = this.head(fileId);
    if (!head.deleted || !this.#texts.has(fileId)) return;
    const done = decideRestore(ctx, { caller, history, head }, '');
    if (done.tag === 'apply') this.#effect(head, 'restore', done);
  }

  #putText(fileId: number): void {
    const { ctx, caller, history, opId: batchId, payloadHash, touched } = this.#decision;
    const text = this.#texts.get(fileId);
    this.#texts.delete(fileId);
    if (!text?.file || text.changes.length === 0) return;
    const { file, changes, overlapping } = text;
    const head = this.head(fileId);
    const step = demandStep(this.#decision, file, changes);
    const contentHash = contentHasher.text(step.text);
    const { firstLine, lastLine, lineDelta } = step;
    history.append({
      ...NO_TEXT,
      opId: history.nextModuleOpId(),
      batchId,
      fileId,
      version: head.version + 1,
      kind: 'edit',
      author: this.#isPatch ? caller : this.#author,
      expectedBaseVersion: text.expectedHeadVersion,
      changes,
      payload: this.#isPatch ? '' : withTurn('', this.#turn),
      overwrote: overlapping,
      firstLine,
      lastLine,
      lineDelta,
      payloadHash,
      beforeHash: head.contentHash,
      afterHash: contentHash,
    });
    const edited = { steps: [changes], text: step.text, byteLength: step.byteLength, contentHash };
    touched.push(...settleFile(ctx, caller, history, head, edited));
  }

  #make(step: Extract<WaitingStep, { kind: 'create' }>): void {
    const { ctx, caller, history, opId: batchId, payloadHash } = this.#decision;
    const { path, mode } = step;
    demandPath(caller, path);
    const content = this.#content(step.content);
    const taken = fileAt(ctx.db, path);
    if (taken && isSame(ctx.db, taken, { path, mode, content })) return;
    if (taken) throw new Refusal('path_taken', `there is another file at ${path} by now`);
    const made = { opId: history.nextModuleOpId(), batchId, author: this.#author, payloadHash };
    makeFile(ctx, history, { ...made, path, mode, content, turn: this.#turn });
  }

  #content(content: ContentPayload): CheckedContent {
    const { ctx, history } = this.#decision;
    return checkContent(sentContent(ctx.db, content), history.limits);
  }
}

/** Who takes a whole file away must have seen what it is. */
function demandSeen({ fileId, version }: Row<'file_head'>, seen: number): void {
  if (seen === version) return;
  const details = { fileId, headVersion: version };
  throw new Refusal('head_moved', 'others edited the file since; look again', details);
}

function sentContent(db: Database, { kind, eol, otherEnds, bom, parts }: ContentPayload) {
  const isText = kind === 'text';
  const text = isText ? loadText(db, parts) : '';
  const bytes = isText ? new Uint8Array() : loadBytes(db, parts);
  return { kind, eol: writeEol(eol, otherEnds), bom, text, bytes };
}
