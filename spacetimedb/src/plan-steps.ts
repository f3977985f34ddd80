import { STEP_KINDS } from '../../src/core/file-steps.ts';
import type { Limits } from '../../src/core/limits.ts';
import type { SubmittedOp } from '../../src/core/op.ts';
import type { FileMode, TicketReason } from '../../src/core/op-payload.ts';
import type { Caller, Who } from './caller.ts';
import { isSame } from './creates.ts';
import { unseenEdits } from './file-call.ts';
import { type CheckedContent, checkContent, demandMode } from './file-content.ts';
import { type FileAhead, FilesAhead } from './files-ahead.ts';
import type { OpenFile } from './file-work.ts';
import type { History } from './history.ts';
import { demandShape, type FileShape } from './lifecycle.ts';
import { demandPath } from './paths.ts';
import { type Plan, planBatch } from './plan-batch.ts';
import { demand, Refusal } from './refusal.ts';
import { rulesFor } from './rules.ts';
import { movable } from './write-path.ts';
import type { Arguments, Context, Row } from './world.ts';
import { WorldSource } from './world-source.ts';

export type SentStep = Arguments<'change_files'>['steps'][number];

/** What a call says of all its steps. */
export interface StepsCall {
  readonly batchId: string;
  /** Of the first step, by which the whole is known. */
  readonly opId: string;
  readonly author: Who;
  readonly payloadHash: Uint8Array;
  readonly turn: number | undefined;
}

interface Named {
  readonly opId: string;
  readonly fileId: number;
  readonly base: number;
}

/** A step that makes sense. */
export type Step =
  | (Named & { readonly kind: 'edit'; readonly op: SubmittedOp })
  | {
      readonly kind: 'create';
      readonly opId: string;
      readonly path: string;
      readonly mode: FileMode;
      readonly content: CheckedContent;
    }
  | (Named & { readonly kind: 'rename'; readonly fromPath: string; readonly path: string })
  | (Named & { readonly kind: 'delete' })
  | (Named & { readonly kind: 'restore'; readonly path: string })
  | (Named & { readonly kind: 'mode'; readonly shape: FileShape })
  | (Named & { readonly kind: 'content'; readonly content: CheckedContent });

/** A step that cannot be done as its author saw the world. */
export interface StuckStep {
  readonly index: number;
  readonly reason: TicketReason;
  readonly overlapping: readonly number[];
  readonly head: Row<'file_head'>;
}

/** What becomes of a call of several steps. */
export interface StepsPlan {
  readonly steps: readonly Step[];
  /** Of the edits among them, in order. */
  readonly edits: Plan;
  /** In order; where there is none everything is done. */
  readonly stuck: readonly StuckStep[];
}

/** Reads a step. Refuses one that no world could take. */
export function readStep(sent: SentStep, limits: Limits): Step {
  const { opId, fileId, expectedBaseVersion: base } = sent;
  const kind = STEP_KINDS.find((each) => each === sent.kind);
  if (!kind) throw new Refusal('bad_request', 'this version does not know such a step');
  const named = { opId, fileId, base };
  switch (kind) {
    case 'edit':
      return { ...named, kind, op: editOf(sent) };
    case 'create':
      return { ...named, kind, path: sent.path, ...contentOf(sent, limits), mode: modeOf(sent) };
    case 'rename':
      return { ...named, kind, fromPath: sent.fromPath, path: sent.path };
    case 'delete':
      return { ...named, kind };
    case 'restore':
      return { ...named, kind, path: sent.path };
    case 'mode':
      return { ...named, kind, shape: demandShape(sent) };
    case 'content':
      return { ...named, kind, ...contentOf(sent, limits) };
  }
}

/** Several files are changed by tools and agents: nobody types so. */
function editOf({ opId, fileId, expectedBaseVersion, rangeHashes, changes }: SentStep) {
  return {
    opId,
    fileId,
    expectedBaseVersion,
    intent: 'patch',
    author: '',
    carriedFrom: 0,
    overlaps: [],
    rangeHashes,
    changes,
  } as const;
}

function contentOf({ content }: SentStep, limits: Limits): { content: CheckedContent } {
  demand(content !== undefined, 'bad_request', 'this step needs a content');
  return { content: checkContent(content, limits) };
}

function modeOf({ mode }: SentStep): FileMode {
  demandMode(mode);
  return mode;
}

/**
 * Decides what becomes of steps, each on what the ones before it leave, and writes nothing. What depends on
 * the paths of the world is refused later, when the steps are done: nothing of a refused call is kept.
 */
export function planSteps(
  ctx: Context,
  caller: Caller,
  history: History,
  batchId: string,
  steps: readonly Step[],
): StepsPlan {
  const files = new FilesAhead(ctx.db, caller);
  const stuck = steps.flatMap((step, index) => look(ctx, caller, history, files, step, index));
  const edits = steps.flatMap((step) => (step.kind === 'edit' ? [step.op] : []));
  const batch = { batchId, extends: 0, ops: edits };
  const rules = rulesFor(caller, history);
  const source = new SourceAhead(ctx, caller, files);
  const plan = movable(ctx, batch, rules, source, planBatch(batch, rules, source)).plan;
  if (plan.tag === 'ticket') {
    const { index: at, reason, overlapping } = plan.cause;
    const op = edits[at]!;
    const index = steps.findIndex((step) => step.kind === 'edit' && step.op === op);
    stuck.push({ index, reason, overlapping, head: source.head(op.fileId) });
  }
  return { steps, edits: plan, stuck: stuck.sort((one, other) => one.index - other.index) };
}

/** Edits find their files as the steps before leave them: one that was brought back is there. */
class SourceAhead extends WorldSource {
  readonly #files: FilesAhead;

  constructor(ctx: Context, caller: Caller, files: FilesAhead) {
    super(ctx.db, caller);
    this.#files = files;
  }

  override open(fileId: number): OpenFile {
    const file = super.open(fileId);
    return this.#files.open(fileId).wasBack ? { ...file, deleted: false } : file;
  }
}

function look(
  ctx: Context,
  caller: Caller,
  history: History,
  files: FilesAhead,
  step: Step,
  index: number,
): StuckStep[] {
  if (step.kind === 'create') return lookAtPath(ctx, caller, files, step, index);
  const file = files.open(step.fileId);
  const { row: head } = file;
  const stuckBy = (reason: TicketReason, overlapping: readonly number[] = []): StuckStep[] => {
    return [{ index, reason, overlapping, head }];
  };
  const unseen = () => unseenEdits(ctx, { head, history }, step.base);
  if (step.kind !== 'edit') {
    const isVersion = step.base >= 1 && step.base <= head.version;
    demand(isVersion, 'bad_range', `the file has no version ${step.base}`);
  }
  file.isTouched = true;
  switch (step.kind) {
    case 'edit':
      demandText(file, 'edited');
      return [];
    case 'rename': {
      const { path } = step;
      demandPath(caller, path);
      demand(!file.deleted, 'no_such_file', 'the file was deleted');
      const isWhereSeen = file.path === path || file.path === step.fromPath;
      files.move(file, path);
      return isWhereSeen ? [] : stuckBy('renamed');
    }
    case 'delete': {
      if (file.deleted) return [];
      files.remove(file);
      const overlapping = unseen();
      return overlapping.length > 0 ? stuckBy('concurrent', overlapping) : [];
    }
    case 'restore': {
      if (!file.deleted) return [];
      const path = step.path === '' ? file.path : step.path;
      demandPath(caller, path);
      files.bringBack(file, path);
      return [];
    }
    case 'mode':
      demand(!file.deleted, 'no_such_file', 'the file was deleted');
      return [];
    case 'content':
      demandText(file, 'replaced');
      if (file.deleted) return stuckBy('deleted');
      return step.base === head.version ? [] : stuckBy('concurrent', unseen());
  }
}

/** Whoever decides a ticket of steps does all edits of a file in one place: more would have no meaning there. */
function demandText(file: FileAhead, wanted: 'edited' | 'replaced'): void {
  const isGone = file.deleted && !file.row.deleted;
  demand(!isGone, 'bad_request', 'an earlier step deletes this file');
  const isRight = file.text === 'as it was' || (file.text === 'edited' && wanted === 'edited');
  demand(isRight, 'bad_request', 'a file is edited in a call, or gets one new content');
  if (file.text === 'as it was') file.wasBack = file.row.deleted && !file.deleted;
  file.text = wanted;
}

/** A file at the path is in the way, unless it is just what the step makes. */
function lookAtPath(
  { db }: Context,
  caller: Caller,
  files: FilesAhead,
  step: Extract<Step, { kind: 'create' }>,
  index: number,
): StuckStep[] {
  demandPath(caller, step.path);
  const taken = files.at(step.path);
  if (taken === undefined) {
    files.make(step.path);
    return [];
  }
  const isOwn = taken === 'new' || taken.isTouched;
  if (isOwn) throw new Refusal('path_taken', 'another step has put a file at this path');
  if (isSame(db, taken.row, step)) return [];
  taken.isTouched = true;
  demandText(taken, 'replaced');
  return [{ index, reason: 'path_taken', overlapping: [], head: taken.row }];
}
