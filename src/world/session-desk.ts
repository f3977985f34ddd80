import { RESTORATIONS_LEVEL } from '../core/module-level.ts';
import type {
  RestorationAnswer,
  RestorationQuestion,
  RestorationRule,
} from '../core/restoration.ts';
import type { StopListening } from './listeners.ts';
import { askRestoration, withdrawRestoration } from './restorations.ts';
import type { RandomBytes } from './uuid.ts';
import type { WorldSession } from './world-session.ts';

/**
 * Where the folders of a session's member ask, and are answered: the mirror's port `RestorationDesk`. One
 * will do for all folders of the member in a world; the signal is its end.
 */
export class SessionDesk {
  readonly #session: WorldSession;
  readonly #randomBytes: RandomBytes;
  readonly #signal: AbortSignal | undefined;
  /** Questions of ours that the world has, and that were not told yet. */
  readonly #untold = new Set<number>();

  constructor(session: WorldSession, randomBytes: RandomBytes, signal?: AbortSignal) {
    this.#session = session;
    this.#randomBytes = randomBytes;
    this.#signal = signal;
    const { restorations } = session.view;
    const stops = [
      restorations.questions.onChange(({ before, after }) => {
        this.#untold.delete((after ?? before)!.restorationId);
      }),
      restorations.onSight(() => this.#untold.clear()),
    ];
    signal?.addEventListener('abort', () => {
      for (const stop of stops) stop();
    });
  }

  rule(): RestorationRule {
    const { moduleLevel, view, identity } = this.#session;
    if (moduleLevel < RESTORATIONS_LEVEL) return 'take';
    const member = view.members.get(identity);
    // Who may not edit cannot ask either: the world refuses what they write.
    const mayEdit = member?.role === 'owner' || member?.capabilities.includes('edit') === true;
    if (!mayEdit || member.role === 'viewer') return 'take';
    return member.kind === 'agent'
      ? view.restorations.rules.agents
      : view.restorations.rules.people;
  }

  async ask(question: RestorationQuestion, askId: string): Promise<number> {
    const session = this.#session;
    const asked = await askRestoration(session, question, askId, this.#randomBytes, this.#signal);
    const { restorationId, isKnown } = asked;
    const isTold = session.view.restorations.questions.has(restorationId);
    // One that was there before and is not told has ended long ago.
    if (!isTold && !isKnown) this.#untold.add(restorationId);
    return restorationId;
  }

  withdraw(restorationId: number): Promise<void> {
    return withdrawRestoration(this.#session, restorationId, this.#randomBytes, this.#signal);
  }

  answerOf(restorationId: number): RestorationAnswer | 'open' | 'gone' {
    const { moduleLevel, view } = this.#session;
    const question = view.restorations.questions.get(restorationId);
    if (question) {
      if (question.status === 'open') return 'open';
      return (question.status === 'answered' ? question.answer : undefined) ?? 'gone';
    }
    // Nothing is known before the world was seen.
    const isUnknown = moduleLevel < RESTORATIONS_LEVEL || this.#untold.has(restorationId);
    return isUnknown ? 'open' : 'gone';
  }

  onAnswer(listener: (restorationId: number) => void): StopListening {
    const { identity, view } = this.#session;
    return view.restorations.questions.onChange(({ before, after }) => {
      const question = (after ?? before)!;
      if (question.folderOf !== identity) return;
      const hasEnded = after === undefined || after.status === 'withdrawn';
      const isAnswered = after?.status === 'answered' && after.answer !== before?.answer;
      if (hasEnded || isAnswered) listener(question.restorationId);
    });
  }
}
