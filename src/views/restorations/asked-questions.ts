/** Which questions of folders a window lists, and which of them its user may answer. */
import type { Restoration } from '../../world/restoration-rows.ts';
import { mayAnswerRestoration, standingRestorations } from '../../world/restorations.ts';
import type { WorldSession } from '../../world/world-session.ts';

/** Those that wait for the user, then those that wait for others, then folders that were left paused. */
export function listedQuestions(session: WorldSession): readonly Restoration[] {
  const rank = (question: Restoration): number => {
    if (question.status !== 'open') return 2;
    return mayAnswer(session, question) ? 0 : 1;
  };
  return [...standingRestorations(session.view)].sort(
    (a, b) => rank(a) - rank(b) || a.restorationId - b.restorationId,
  );
}

/** Those that nobody has answered and the user may. */
export function questionsForUser(session: WorldSession): readonly Restoration[] {
  return standingRestorations(session.view).filter(
    (question) => question.status === 'open' && mayAnswer(session, question),
  );
}

/** Those that the user may answer, or answer anew. */
export function answerableQuestions(session: WorldSession): readonly Restoration[] {
  return listedQuestions(session).filter((question) => mayAnswer(session, question));
}

export function mayAnswer(session: WorldSession, question: Restoration): boolean {
  return mayAnswerRestoration(session.view, session.identity, question);
}
