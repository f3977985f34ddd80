/**
 * Owns: changing several files of a world in one call, all or nothing. Does not know: how the changes were
 * found.
 */
import type { Changes } from '../core/change.ts';
import { CHANGE_FILES_LEVEL, LINE_ENDS_LEVEL } from '../core/module-level.ts';
import type { IdentityHex, RangeHash } from '../core/op.ts';
import type { FileMode, LineEnd } from '../core/op-payload.ts';
import { type OtherEnds, writeEol } from '../core/other-ends.ts';
import type { ReducerArguments } from './bindings.ts';
import { sentContent } from './change-file.ts';
import type { Refusal } from './refusal.ts';
import type { FileContent } from './text-format.ts';
import { newUuid, type RandomBytes } from './uuid.ts';
import { mutable, type Outcome } from './world-rows.ts';
import { WorldError } from './world-error.ts';
import type { WorldSession } from './world-session.ts';

/** One thing to do to a file. `version` is the one that its author saw. */
export type FileStep =
  /** An edit after another of the same file is relative to what that one makes; its version is not asked. */
  | {
      readonly kind: 'edit';
      readonly fileId: number;
      readonly version: number;
      readonly changes: Changes;
      /** Text that must still read the same, where the edit comes to stand. */
      readonly rangeHashes?: readonly RangeHash[];
    }
  | {
      readonly kind: 'create';
      readonly path: string;
      readonly content: FileContent;
      readonly mode?: FileMode;
    }
  /** `from` is where its author saw it, or where an earlier step put it. */
  | {
      readonly kind: 'rename';
      readonly fileId: number;
      readonly version: number;
      readonly from: string;
      readonly to: string;
    }
  | { readonly kind: 'delete'; readonly fileId: number; readonly version: number }
  /** Brings a deleted file back, where it was or at `path`. */
  | {
      readonly kind: 'restore';
      readonly fileId: number;
      readonly version: number;
      readonly path?: string;
    }
  | {
      readonly kind: 'mode';
      readonly fileId: number;
      readonly version: number;
      readonly mode: FileMode;
      readonly eol: LineEnd;
      /** Lines of the version that end otherwise; undefined where each line keeps its end. */
      readonly otherEnds?: OtherEnds | undefined;
      readonly bom: boolean;
    }
  /** A whole new content: for bytes, and for a text that no changes lead to. */
  | {
      readonly kind: 'content';
      readonly fileId: number;
      readonly version: number;
      readonly content: FileContent;
    };

/** What became of a step of a call that was taken. */
export interface StepResult {
  readonly opId: string;
  /** Also of a file that the step made. */
  readonly fileId: number;
  /** The file's version after the step. */
  readonly version: number;
  /** Others had changed the file meanwhile, elsewhere: the edit was moved along. */
  readonly rebased: boolean;
  /** It was so already. */
  readonly unchanged: boolean;
}

export type ChangeFilesResult =
  /** All of it is done; a result for each step. */
  | { readonly tag: 'applied'; readonly steps: readonly StepResult[] }
  /** Nothing is done: all steps wait in one ticket. */
  | { readonly tag: 'ticketed'; readonly ticketId: number }
  /** Nothing is done, and nothing kept. */
  | { readonly tag: 'refused'; readonly refusal: Refusal };

export interface ChangeFilesOptions {
  readonly randomBytes: RandomBytes;
  /** Whose work it is; empty for one's own. */
  readonly author?: IdentityHex;
  /** The session of the agent in whose turn it is done; empty where nobody knows. */
  readonly turn?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Changes several files, step by step, each on what the ones before it leave. A world of before level 4
 * takes no such call: it is refused with `upgrade_needed`, and nothing is sent. Rejects with `WorldError`.
 */
export async function changeFiles(
  session: WorldSession,
  steps: readonly FileStep[],
  options: ChangeFilesOptions,
): Promise<ChangeFilesResult> {
  const { randomBytes, author = '', turn = '', signal } = options;
  const { moduleLevel } = await session.whenOnline(signal);
  if (moduleLevel < CHANGE_FILES_LEVEL) return { tag: 'refused', refusal: UPGRADE_NEEDED };
  const nextId = (): string => newUuid(session.clock.nowMs(), randomBytes);
  const sent = stepArguments(steps, nextId, moduleLevel);
  const args = { batchId: nextId(), author, turn, steps: sent };
  const opIds = sent.map(({ opId }) => opId);
  const answer = await session.deliver('change_files', args, opIds, signal);
  if (answer.tag === 'refused') return answer;
  if (answer.tag === 'unanswered') throw new WorldError('cancelled', 'The changes were cancelled');
  const ticket = answer.outcomes.find(({ outcome }) => outcome === 'ticket');
  if (ticket) return { tag: 'ticketed', ticketId: ticket.ticketId };
  const told = new Map(answer.outcomes.map((outcome) => [outcome.opId, outcome]));
  return { tag: 'applied', steps: sent.map((step) => resultOf(step, told.get(step.opId))) };
}

type SentStep = ReducerArguments<'change_files'>['steps'][number];

/** Steps as calls take them. */
export function stepArguments(
  steps: readonly FileStep[],
  nextId: () => string,
  moduleLevel: number,
): SentStep[] {
  const edited = new Set<number>();
  return steps.map((step) => {
    const isOnTop = step.kind === 'edit' && edited.has(step.fileId);
    if (step.kind === 'edit') edited.add(step.fileId);
    return {
      ...NO_STEP,
      opId: nextId(),
      kind: step.kind,
      ...argumentsOf(step, isOnTop, moduleLevel),
    };
  });
}

function argumentsOf(step: FileStep, isOnTop: boolean, moduleLevel: number): Partial<SentStep> {
  if (step.kind === 'create') {
    const { path, mode = 'regular' } = step;
    return { path, mode, content: sentContent(step.content, moduleLevel) };
  }
  const { fileId, version: expectedBaseVersion } = step;
  const file = { fileId, expectedBaseVersion };
  switch (step.kind) {
    case 'edit': {
      const { changes, rangeHashes = [] } = step;
      const base = isOnTop ? 0 : expectedBaseVersion;
      const edit = { changes: mutable(changes), rangeHashes: [...rangeHashes] };
      return { fileId, expectedBaseVersion: base, ...edit };
    }
    case 'rename':
      return { ...file, fromPath: step.from, path: step.to };
    case 'delete':
      return file;
    case 'restore':
      return { ...file, path: step.path ?? '' };
    case 'mode': {
      const { mode, eol, otherEnds, bom } = step;
      const said = moduleLevel < LINE_ENDS_LEVEL ? undefined : otherEnds;
      return { ...file, mode, eol: writeEol(eol, said), bom };
    }
    case 'content':
      return { ...file, content: sentContent(step.content, moduleLevel) };
  }
}

/** Of a call that was made again the world may have forgotten which steps changed nothing: it tells none of them. */
function resultOf(step: SentStep, told: Outcome | undefined): StepResult {
  const { opId, kind } = step;
  const { outcome = 'duplicate', opSeq = 0, version = step.expectedBaseVersion } = told ?? {};
  const fileId = kind === 'create' ? opSeq : step.fileId;
  const unchanged = outcome === 'duplicate' && (kind === 'create' || opSeq === 0);
  return { opId, fileId, version, rebased: outcome === 'rebased', unchanged };
}

const NO_STEP = {
  fileId: 0,
  expectedBaseVersion: 0,
  changes: [],
  rangeHashes: [],
  fromPath: '',
  path: '',
  mode: '',
  eol: '',
  bom: false,
  content: undefined,
} satisfies Omit<SentStep, 'opId' | 'kind'>;

const UPGRADE_NEEDED: Refusal = {
  code: 'upgrade_needed',
  message:
    'this world cannot change several files in one call; an owner can bring its module up to date',
  details: {},
};
