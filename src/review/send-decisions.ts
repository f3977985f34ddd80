/** Owns: sending decisions to a world, many files in one call. Does not know: how they were found. */
import { TOLD_REVIEWS_LEVEL } from '../core/module-level.ts';
import type { IdentityHex } from '../core/op.ts';
import { REVIEW_TOLD } from '../core/review.ts';
import { RETURNED_PER_CALL } from '../core/returned-text.ts';
import type { ReducerArguments } from '../world/bindings.ts';
import { stepArguments } from '../world/change-files.ts';
import type { Refusal } from '../world/refusal.ts';
import { newUuid, type RandomBytes } from '../world/uuid.ts';
import { WorldError } from '../world/world-error.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { FileDecision, ReturningStep } from './file-decision.ts';
import { messagesOf, type ReviewMessage, tellAfterwards } from './tell-agents.ts';

export interface SentDecisions {
  readonly done: readonly FileDecision[];
  /** Others wrote or decided there in the meantime. */
  readonly late: readonly FileDecision[];
  readonly refused: readonly { readonly decision: FileDecision; readonly refusal: Refusal }[];
  /** Agents whom the world did not let be told: the decision holds all the same. */
  readonly untold: readonly IdentityHex[];
}

interface SendOptions {
  readonly words?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends decisions together, as far as they fit in a call, and those of a call that was refused one by one: so one
 * file keeps no other waiting. Agents are told of it by the same call, where the world's module can; those that it has
 * no room for afterwards. Rejects with `WorldError` when the world does not answer.
 */
export async function sendDecisions(
  session: WorldSession,
  decisions: readonly FileDecision[],
  randomBytes: RandomBytes,
  options: SendOptions,
): Promise<SentDecisions> {
  const done: FileDecision[] = [];
  const late: FileDecision[] = [];
  const refused: { decision: FileDecision; refusal: Refusal }[] = [];
  const untold: IdentityHex[] = [];
  const isOneCall = session.moduleLevel >= TOLD_REVIEWS_LEVEL;
  const send = async (some: readonly FileDecision[], isTold = isOneCall): Promise<void> => {
    const messages = messagesOf(session, some, options.words);
    const told = isTold ? messages.slice(0, REVIEW_TOLD) : [];
    const refusal = await sendOnce(session, some, told, randomBytes, options);
    if (!refusal) {
      done.push(...some);
      // Where the call that would have told them was refused, no other is tried.
      const isGivenUp = isOneCall && !isTold;
      const rest = messages.slice(told.length);
      const left = isGivenUp
        ? rest.map(({ to }) => to)
        : await tellAfterwards(session, rest, randomBytes, options.signal);
      untold.push(...left);
    } else if (some.length > 1) for (const each of some) await send([each]);
    else if (LATE.has(refusal.code)) late.push(...some);
    // A world that has no room for a message may still have room for the decision.
    else if (told.length > 0) await send(some, false);
    else refused.push({ decision: some[0]!, refusal });
  };
  for (const some of callsOf(decisions)) await send(some);
  return { done, late, refused, untold };
}

/** What is there is other than what was looked at. */
const LATE: ReadonlySet<string> = new Set(['head_moved', 'already_resolved']);

async function sendOnce(
  session: WorldSession,
  decisions: readonly FileDecision[],
  messages: readonly ReviewMessage[],
  randomBytes: RandomBytes,
  { words = '', signal }: SendOptions,
): Promise<Refusal | undefined> {
  const nextId = (): string => newUuid(session.clock.nowMs(), randomBytes);
  const reviews = decisions.map(({ does, head, seenSeq, lines, whole, whose, upTo }) => ({
    opId: nextId(),
    does,
    fileId: head.fileId,
    seenSeq,
    lines: lines.map(([firstLine, lastLine]) => ({ firstLine, lastLine })),
    whole: [...whole],
    agent: whose.agent ?? '',
    turn: whose.turn ?? 0,
    upTo,
    words,
  }));
  const wanted = decisions.flatMap(({ steps }) => steps);
  const steps = stepArguments(wanted, nextId, session.moduleLevel);
  const call = { batchId: nextId(), reviews, steps, returned: returnedIn(wanted) };
  const told = messages.map((message) => ({ opId: nextId(), ...message }));
  const opIds = [...reviews, ...steps, ...told].map(({ opId }) => opId);
  const answer =
    told.length === 0
      ? await session.deliver('review_files', call, opIds, signal)
      : await session.deliver('review_and_tell', { ...call, told }, opIds, signal);
  if (answer.tag === 'unanswered') throw new WorldError('cancelled', 'The review was cancelled');
  return answer.tag === 'refused' ? answer.refusal : undefined;
}

/** Of more than a call may name the long ones are worth the most. */
function returnedIn(steps: readonly ReturningStep[]): ReducerArguments<'review_files'>['returned'] {
  const all = steps.flatMap(({ returned = [] }, op) => returned.map((piece) => ({ ...piece, op })));
  return all.sort((a, b) => b.length - a.length).slice(0, RETURNED_PER_CALL);
}

/** As many files in a call as are quickly judged together. */
function* callsOf(decisions: readonly FileDecision[]): Generator<readonly FileDecision[]> {
  let some: FileDecision[] = [];
  let size = 0;
  for (const decision of decisions) {
    const own = sizeOf(decision);
    if (some.length > 0 && (size + own > CALL_SIZE || some.length === CALL_FILES)) {
      yield some;
      [some, size] = [[], 0];
    }
    some.push(decision);
    size += own;
  }
  if (some.length > 0) yield some;
}

/** UTF-16 code units, or bytes; a change counts as some of them. */
function sizeOf({ steps, lines }: FileDecision): number {
  return steps.reduce((sum, step) => {
    if (step.kind === 'edit') {
      return step.changes.reduce((all, { text }) => all + text.length + CHANGE_SIZE, sum);
    }
    if (step.kind !== 'content') return sum;
    const { content } = step;
    return sum + (content.kind === 'text' ? content.text.length : content.bytes.length);
  }, CHANGE_SIZE * lines.length);
}

const CALL_SIZE = 1024 * 1024;
const CALL_FILES = 100;
const CHANGE_SIZE = 64;
