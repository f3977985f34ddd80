import type { Changes } from './change.ts';
import type { ContentPayload, CreatePayload, ModePayload } from './op-payload.ts';

/** What one step of a call that changes several files does. */
export type StepKind = 'edit' | 'create' | 'rename' | 'delete' | 'restore' | 'mode' | 'content';

export const STEP_KINDS: readonly StepKind[] = [
  'edit',
  'create',
  'rename',
  'delete',
  'restore',
  'mode',
  'content',
];

interface StepOfFile {
  readonly fileId: number;
  /** The version that its author saw; 0 for an edit on top of an earlier step's. */
  readonly base: number;
}

/** A step that waits for a decision, with all others of its call. Where the texts of edits are, `parts` tell. */
export type WaitingStep =
  | (StepOfFile & { readonly kind: 'edit' })
  | (StepOfFile & { readonly kind: 'delete' })
  /** `fileId` is the file whose place the new one would take; 0 where the path was free. */
  | (CreatePayload & { readonly kind: 'create'; readonly fileId: number })
  | (StepOfFile & { readonly kind: 'rename'; readonly from: string; readonly to: string })
  | (StepOfFile & { readonly kind: 'restore'; readonly path: string })
  | (StepOfFile & ModePayload & { readonly kind: 'mode' })
  | (StepOfFile & { readonly kind: 'content'; readonly content: ContentPayload });

/** The same as the history keeps it: edits with their changes, as they were sent. */
export type ProposedStep = WaitingStep & { readonly changes?: Changes };

/**
 * What a ticket of several steps proposes. What its own step says stands beside them, since a client of
 * before reads a ticket of one step there.
 */
export interface StepsProposal {
  readonly steps: readonly ProposedStep[];
  /** The first step that could not be done, from 0: it is about the ticket's own file. */
  readonly stuckAt: number;
}

/** The proposal of several steps with what its own step says beside it. */
export function proposalOf(steps: readonly ProposedStep[], stuckAt: number): StepsProposal {
  const { kind: _kind, fileId: _fileId, changes: _changes, ...own } = steps[stuckAt]!;
  return { ...own, steps, stuckAt };
}

/** Of a proposal that the history keeps; undefined where it is not one of several steps. */
export function stepsProposed(proposal: unknown): StepsProposal | undefined {
  const { steps } = (proposal ?? {}) as Partial<StepsProposal>;
  return Array.isArray(steps) ? (proposal as StepsProposal) : undefined;
}

/** The same as a ticket has it: its parts have the changes. */
export function withoutChanges(proposal: StepsProposal): StepsProposal {
  const steps = proposal.steps.map(({ changes: _changes, ...step }) => step as WaitingStep);
  return { ...proposal, steps };
}

/** The steps that wait in a ticket with this payload; undefined for other tickets, or where it is apart. */
export function waitingSteps(payload: string): readonly WaitingStep[] | undefined {
  // Most tickets have none, and that of a new content is long.
  if (!payload.includes('"steps":')) return undefined;
  return stepsProposed(JSON.parse(payload))?.steps;
}

/** The whole contents that a proposal brings. */
export function contentsOf(proposal: unknown): readonly ContentPayload[] {
  const { steps } = stepsProposed(proposal) ?? {};
  const { content } = (proposal ?? {}) as { readonly content?: ContentPayload };
  if (!steps) return content ? [content] : [];
  return steps.flatMap((step) => ('content' in step ? [step.content] : []));
}

/** What whoever reads takes for one change each: edits of a file are one. */
export function changesIn(steps: readonly WaitingStep[]): readonly WaitingStep[] {
  const edited = new Set<number>();
  return steps.filter(({ kind, fileId }) => {
    if (kind !== 'edit') return true;
    const isFirst = !edited.has(fileId);
    edited.add(fileId);
    return isFirst;
  });
}
