/** What folders ask before old text is taken from them: who may answer, and the calls by which it is done. */
import { mayAnswer, type MemberFacts } from '../core/may-answer.ts';
import { RESTORATIONS_LEVEL } from '../core/module-level.ts';
import type { RestorationAnswer, RestorationQuestion } from '../core/restoration.ts';
import { isStanding, type RestorationRules } from '../core/restoration-action.ts';
import { RESTORATION_ITEMS, RESTORATION_OWNERS } from '../core/restoration.ts';
import { demandDone } from './demand-done.ts';
import type { Restoration } from './restoration-rows.ts';
import { newUuid, type RandomBytes } from './uuid.ts';
import { WorldError } from './world-error.ts';
import type { DeliveryAnswer, WorldSession } from './world-session.ts';
import type { WorldView } from './world-view.ts';

/** The questions that wait, those that were answered by `leave` included, the oldest first. */
export function standingRestorations({ restorations }: WorldView): readonly Restoration[] {
  const all = [...restorations.questions.values()];
  return all.filter(isWaiting).sort((a, b) => a.restorationId - b.restorationId);
}

/** True while a question can be answered, or answered anew. */
export function isWaiting({ status, answer }: Restoration): boolean {
  return isStanding({ status, answer: answer ?? '' });
}

/** Whether a member may answer a question; for oneself it is what the module will say. */
export function mayAnswerRestoration(
  view: WorldView,
  identity: string,
  question: Restoration,
): boolean {
  const member = view.members.get(identity);
  return member !== undefined && isWaiting(question) && mayAnswer(member, question, factsOf(view));
}

/** True where whoever asked was removed: nobody keeps that folder, so its question can only be ended. */
export function isLeftBehind({ members }: WorldView, { folderOf }: Restoration): boolean {
  return members.get(folderOf)?.removed === true;
}

function factsOf({ members, origins }: WorldView): MemberFacts {
  return {
    kindOf: (identity) => members.get(identity)?.kind ?? '',
    inviterOf: (identity) => origins.get(identity)?.invitedBy,
  };
}

/** A question that the world has. */
export interface AskedRestoration {
  readonly restorationId: number;
  /** It was there before this call. */
  readonly isKnown: boolean;
}

/**
 * Asks what shall become of what a folder holds. Members whom the world does not know are left out, and
 * ourselves. `askId` is a UUID of version 7: the same one again is the same question. Waits for the
 * connection. Throws `WorldError`.
 */
export async function askRestoration(
  session: WorldSession,
  question: RestorationQuestion,
  askId: string,
  randomBytes: RandomBytes,
  signal?: AbortSignal,
): Promise<AskedRestoration> {
  await session.whenOnline(signal);
  demandLevel(session);
  const { members } = session.view;
  const { cause, fileCount } = question;
  const isOther = (owner: string): boolean => owner !== session.identity && members.has(owner);
  const asked = {
    cause,
    folderName: sayableName(question.folderName),
    files: question.items.slice(0, RESTORATION_ITEMS).map(({ fileId, what }) => ({ fileId, what })),
    fileCount,
    owners: [...new Set(question.owners)].filter(isOther).slice(0, RESTORATION_OWNERS),
  };
  const ask = (opId: string): Promise<DeliveryAnswer> =>
    session.deliver('ask_restoration', { opId, ...asked }, [opId], signal);
  let answer = await ask(askId);
  // A question is in the history for ever: what is not remembered was never asked.
  const isOld = answer.tag === 'refused' && answer.refusal.code === 'stale_retry';
  if (isOld) answer = await ask(newUuid(session.clock.nowMs(), randomBytes));
  demandDone(answer);
  const [outcome] = answer.tag === 'judged' ? answer.outcomes : [];
  if (outcome) return { restorationId: outcome.opSeq, isKnown: outcome.outcome === 'duplicate' };
  throw new WorldError('bad_answer', 'The world did not say what it made of a question');
}

/** Answers a question, once, whatever the connection does. Throws `WorldError`. */
export async function answerRestoration(
  session: WorldSession,
  restorationId: number,
  answer: RestorationAnswer,
  randomBytes: RandomBytes,
  signal?: AbortSignal,
): Promise<void> {
  const opId = await nextOpId(session, randomBytes, signal);
  const args = { opId, restorationId, answer };
  demandDone(await session.deliver('answer_restoration', args, [opId], signal));
}

/**
 * Ends a question without an answer: one's own, or, where whoever asked was removed, one that the caller may
 * answer. To say so again, or once it was answered, changes nothing. Throws `WorldError`.
 */
export async function withdrawRestoration(
  session: WorldSession,
  restorationId: number,
  randomBytes: RandomBytes,
  signal?: AbortSignal,
): Promise<void> {
  const opId = await nextOpId(session, randomBytes, signal);
  const args = { opId, restorationId };
  const answer = await session.deliver('withdraw_restoration', args, [opId], signal);
  if (answer.tag === 'refused' && HAS_ENDED.has(answer.refusal.code)) return;
  demandDone(answer);
}

/** Throws `WorldError` where the world's module knows no questions. */
async function nextOpId(
  session: WorldSession,
  randomBytes: RandomBytes,
  signal: AbortSignal | undefined,
): Promise<string> {
  await session.whenOnline(signal);
  demandLevel(session);
  return newUuid(session.clock.nowMs(), randomBytes);
}

/**
 * Changes whether folders of agents and of people ask; resolves with what holds then. Throws `WorldError`:
 * only an owner who is no agent may.
 */
export async function changeRestorationRules(
  session: WorldSession,
  change: Partial<RestorationRules>,
): Promise<RestorationRules> {
  await session.whenOnline();
  demandLevel(session);
  const rules = { ...session.view.restorations.rules, ...change };
  demandDone(await session.call('set_restorations', rules));
  return rules;
}

/** Whether folders of agents and of people ask; undefined in a world where none can. */
export function restorationRules({
  moduleLevel,
  view,
}: WorldSession): RestorationRules | undefined {
  return moduleLevel >= RESTORATIONS_LEVEL ? view.restorations.rules : undefined;
}

function demandLevel({ moduleLevel }: WorldSession): void {
  if (moduleLevel >= RESTORATIONS_LEVEL) return;
  const why =
    'upgrade_needed: folders cannot ask in this world; an owner can bring its module up to date';
  throw new WorldError('refused', why);
}

/** A name as the world takes it, whatever a system allows. */
function sayableName(name: string): string {
  const last = name.split(/[/\\]/).findLast((part) => part !== '') ?? '';
  return last
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, ' ')
    .slice(0, NAME_LENGTH)
    .toWellFormed();
}

const NAME_LENGTH = 100;
const HAS_ENDED: ReadonlySet<string> = new Set(['already_resolved', 'no_such_restoration']);
