import {
  proposalOf,
  type ProposedStep,
  type StepsProposal,
  withoutChanges,
} from '../../src/core/file-steps.ts';
import type { Limits } from '../../src/core/limits.ts';
import { canonicalJson, writePayload } from '../../src/core/op-payload.ts';
import { withTurn } from '../../src/core/turn.ts';
import type { TicketPart } from '../../src/core/ticket-texts.ts';
import { byteUnits, WORK_UNITS } from '../../src/core/work.ts';
import type { Caller } from './caller.ts';
import { loadText } from './content-store.ts';
import { replacingPart } from './creates.ts';
import { storeContent } from './file-content.ts';
import { headText } from './file-texts.ts';
import type { FileWork } from './file-work.ts';
import { type History, NO_TEXT } from './history.ts';
import type { Step, StepsCall, StepsPlan, StuckStep } from './plan-steps.ts';
import { movedOrNot, demandProposable, openTicket, partOf } from './tickets.ts';
import { spend } from './work.ts';
import type { Context, Database } from './world.ts';
import { WorldSource } from './world-source.ts';

/** Makes one ticket of all steps of a call. */
export function openStepsTicket(
  ctx: Context,
  caller: Caller,
  history: History,
  plan: StepsPlan,
  call: StepsCall,
): void {
  const { index: stuckAt, reason, overlapping, head } = plan.stuck[0]!;
  const { works } = plan.edits;
  const steps = plan.steps.map((step, index) => proposed(ctx.db, step, index, plan.stuck));
  const proposal = proposalOf(steps, stuckAt);
  const source = new WorldSource(ctx.db, caller);
  const isUnmovedPlan = plan.edits.tag === 'ticket' ? plan.edits.isUnmoved : undefined;
  const { parts, isUnmoved } = movedOrNot(
    (asSent) => partsOfSteps(ctx.db, works, steps, source, history.limits, asSent),
    isUnmovedPlan,
  );
  demandProposable(parts, history.limits);
  const { kind } = steps[stuckAt]!;
  const { batchId, opId, author, payloadHash, turn } = call;
  const own = { batchId, opId, fileId: head.fileId, author };
  const baseVersion = baseOf(steps[stuckAt]!, works, head.version);
  const ticketId = openTicket(ctx, caller, history, {
    ...own,
    kind,
    reason,
    baseVersion,
    headVersion: head.version,
    parts,
    payload: ticketPayload(proposal),
    overlapping,
    extends: 0,
  });
  const conflict = { ticket: ticketId, reason, outcome: 'ticket', kind, overlapping } as const;
  const payload = writePayload('conflict', { ...conflict, changes: [], proposal, ...isUnmoved });
  spend(WORK_UNITS.op + byteUnits(payload.length));
  const opSeq = history.append({
    ...NO_TEXT,
    ...own,
    version: head.version,
    kind: 'conflict',
    expectedBaseVersion: baseVersion,
    payload: withTurn(payload, turn),
    payloadHash,
    beforeHash: head.contentHash,
    afterHash: head.contentHash,
  });
  history.tell(opId, 'ticket', opSeq, head.version, ticketId);
}

/** What a ticket of several steps says beside its parts. */
export function ticketPayload(proposal: StepsProposal): string {
  return canonicalJson(withoutChanges(proposal));
}

/** The texts that steps are about: what each file's edits make of it, and what stands where a new file would. */
export function partsOfSteps(
  db: Database,
  works: readonly FileWork[],
  steps: readonly ProposedStep[],
  source: WorldSource,
  limits: Limits,
  isUnmoved: boolean,
): TicketPart[] {
  const edits = works.map((work) => partOf(work, { limits }, source, [], isUnmoved));
  const replaced = steps.flatMap((step) => {
    if (step.kind !== 'create' || step.fileId === 0 || step.content.kind !== 'text') return [];
    const head = source.head(step.fileId);
    if (head.kind !== 'text') return [];
    const text = loadText(db, step.content.parts);
    return [replacingPart(head, headText(db, head), text, limits)];
  });
  return [...edits, ...replaced];
}

/** A step as the history keeps it. */
function proposed(
  db: Database,
  step: Step,
  index: number,
  stuck: readonly StuckStep[],
): ProposedStep {
  if (step.kind === 'create') {
    const { kind, path, mode } = step;
    const taken = stuck.find((each) => each.index === index)?.head.fileId ?? 0;
    return { kind, fileId: taken, path, mode, content: storeContent(db, step.content) };
  }
  const { fileId, base } = step;
  switch (step.kind) {
    case 'edit':
      return { kind: 'edit', fileId, base, changes: step.op.changes };
    case 'delete':
      return { kind: 'delete', fileId, base };
    case 'rename':
      return { kind: 'rename', fileId, base, from: step.fromPath, to: step.path };
    case 'restore':
      return { kind: 'restore', fileId, base, path: step.path };
    case 'mode':
      return { kind: 'mode', fileId, base, ...step.shape };
    case 'content':
      return { kind: 'content', fileId, base, content: storeContent(db, step.content) };
  }
}

/** The version that the ticket's own step was made on. */
function baseOf(step: ProposedStep, works: readonly FileWork[], headVersion: number): number {
  if (step.kind === 'create') return headVersion;
  if (step.kind !== 'edit') return step.base;
  return works.find(({ file }) => file.fileId === step.fileId)!.baseVersion;
}
