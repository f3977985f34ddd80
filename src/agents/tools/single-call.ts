/**
 * Owns: the calls that do one thing to one file, which every world takes. Does not know: why it is done.
 */
import { batchAnswerOf } from '../../world/file-feed.ts';
import type { Refusal } from '../../world/refusal.ts';
import { sentContent } from '../../world/change-file.ts';
import { newUuid, type RandomBytes } from '../../world/uuid.ts';
import { WorldError } from '../../world/world-error.ts';
import type { WorldSession } from '../../world/world-session.ts';
import type { PlannedStep } from './planned-step.ts';

export type CallOutcome =
  | {
      readonly tag: 'applied';
      readonly fileId: number;
      readonly version: number;
      readonly unchanged: boolean;
    }
  | { readonly tag: 'ticketed'; readonly ticketId: number }
  | { readonly tag: 'refused'; readonly refusal: Refusal };

interface Caller {
  readonly session: WorldSession;
  readonly randomBytes: RandomBytes;
  readonly signal: AbortSignal;
}

/** Throws `WorldError` `cancelled` when it is not known whether it was done. */
export async function callSingle(
  { session, randomBytes, signal }: Caller,
  step: Exclude<PlannedStep, { readonly kind: 'edit' }>,
): Promise<CallOutcome> {
  const opId = newUuid(session.clock.nowMs(), randomBytes);
  const { name, args } = callOf(step, opId);
  const answer = await session.deliver(name, args, [opId], signal);
  if (answer.tag === 'refused') return answer;
  if (answer.tag === 'unanswered') throw new WorldError('cancelled', 'The call was cancelled');
  const whole = batchAnswerOf(answer);
  if (whole.tag === 'refused') {
    return { tag: 'refused', refusal: { code: whole.code, message: whole.message, details: {} } };
  }
  if (whole.tag === 'ticketed') return whole;
  const [outcome] = answer.outcomes;
  const isNew = step.kind === 'create';
  // A file has the number of the op that made it.
  const fileId = isNew ? (outcome?.opSeq ?? 0) : step.head.fileId;
  const unchanged = outcome === undefined || outcome.outcome === 'duplicate';
  return { tag: 'applied', fileId, version: outcome?.version ?? 0, unchanged };
}

function callOf(step: Exclude<PlannedStep, { readonly kind: 'edit' }>, opId: string) {
  switch (step.kind) {
    case 'create': {
      const mode = step.isExecutable ? 'executable' : 'regular';
      const file = { opId, path: step.path, mode, content: sentContent(step.content) };
      return { name: 'create_file', args: { author: '', file } } as const;
    }
    case 'rename': {
      const { head, from: fromPath, to: path } = step;
      const args = { ...named(head.fileId, head.version, opId), fromPath, path };
      return { name: 'rename_file', args } as const;
    }
    case 'delete':
      return { name: 'delete_file', args: named(step.head.fileId, step.version, opId) } as const;
    case 'mode': {
      const { head, isExecutable } = step;
      const mode = isExecutable ? 'executable' : 'regular';
      const args = {
        ...named(head.fileId, head.version, opId),
        mode,
        eol: head.eol,
        bom: head.bom,
      };
      return { name: 'set_file_mode', args } as const;
    }
  }
}

function named(fileId: number, expectedBaseVersion: number, opId: string) {
  return { opId, author: '', fileId, expectedBaseVersion };
}
