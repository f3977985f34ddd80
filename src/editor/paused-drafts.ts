/**
 * Owns: that what an agent of the editor's wrote while it was paused is judged once it may go on, on the version that
 * it was written on: it is taken in, moved along with what others wrote, or waits as a ticket. Does not know: how
 * drafts are kept or shown.
 */
import type { Draft } from '../sync/draft.ts';
import type { StopListening } from '../world/listeners.ts';
import { batchAnswerOf } from '../world/file-feed.ts';
import { judgeBatch } from '../world/judge-batch.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { Disposable } from './disposable-store.ts';
import type { DraftDecisions } from './draft-decisions.ts';
import type { DraftFiles } from './draft-files.ts';

export interface PausedDraftsParts {
  readonly session: WorldSession;
  readonly drafts: Pick<DraftFiles, 'drafts' | 'putDraft' | 'dropDraft'>;
  readonly decisions: DraftDecisions;
  readonly newId: () => string;
  /** False while words of the user's may still join it, or have joined it and are not in the draft yet. */
  readonly isWhole: (draft: Draft) => boolean;
  /** It is in the world, or in a ticket, and no draft any more. */
  readonly onJudged: (draft: Draft) => void;
}

export class PausedDrafts implements Disposable {
  readonly #parts: PausedDraftsParts;
  readonly #stops: readonly StopListening[];
  /** The world had paused somebody again: these wait until it tells so and that they may go on. */
  readonly #refusedAgain = new Set<string>();
  /** There is a draft that was not whole yet. */
  #isPutOff = false;
  #isAsked = false;
  #isLooking = false;
  #isDisposed = false;

  constructor(parts: PausedDraftsParts) {
    this.#parts = parts;
    const { session } = parts;
    this.#stops = [
      session.view.members.onChange(({ before, after }) => {
        if (before?.paused !== true || after?.paused !== false) return;
        this.#refusedAgain.clear();
        this.look();
      }),
      session.onState(({ tag }) => {
        if (tag !== 'online') return;
        this.#refusedAgain.clear();
        this.look();
      }),
    ];
    this.look();
  }

  /** There may be a draft whose agent is paused no more. */
  look(): void {
    this.#isAsked = true;
    if (!this.#isLooking) void this.#lookOn();
  }

  /** A document has got further: a draft of it may be whole now. */
  documentProgressed(): void {
    if (this.#isPutOff) this.look();
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const stop of this.#stops) stop();
  }

  async #lookOn(): Promise<void> {
    this.#isLooking = true;
    try {
      while (this.#isAsked && !this.#isDisposed) {
        this.#isAsked = false;
        for (const { draftId } of this.#due()) await this.#judge(draftId);
      }
    } catch (error) {
      this.#parts.session.log.warn('editor.draft_not_judged', { error: String(error) });
    } finally {
      this.#isLooking = false;
    }
  }

  #due(): readonly Draft[] {
    const due = this.#parts.drafts.drafts.filter((draft) => this.#isDue(draft));
    const whole = due.filter((draft) => this.#parts.isWhole(draft));
    this.#isPutOff = whole.length < due.length;
    return whole.sort((one, other) => one.madeAtMs - other.madeAtMs);
  }

  #isDue({ draftId, code, agentEdit }: Draft): boolean {
    const { session } = this.#parts;
    if (code !== 'paused' || agentEdit === undefined || this.#refusedAgain.has(draftId)) {
      return false;
    }
    const mayWrite = (identity: string): boolean => {
      const member = session.view.members.get(identity);
      return member !== undefined && !member.paused && !member.removed;
    };
    return session.link !== undefined && mayWrite(session.identity) && mayWrite(agentEdit.author);
  }

  /** Its author may have decided about it before, and decides about what is left of it after. */
  async #judge(draftId: string): Promise<void> {
    const { decisions } = this.#parts;
    await decisions.alone(draftId, async (draft) => {
      if (!this.#isDisposed && this.#isDue(draft)) await this.#judgeAlone(draft);
    });
  }

  async #judgeAlone({ draftId, agentEdit }: Draft): Promise<void> {
    const { session, drafts, newId, onJudged } = this.#parts;
    // Known again by its id, should this window end before it has let go of the draft.
    const ops = [{ ...agentEdit!, opId: draftId }];
    const answer = await judgeBatch(session, { batchId: newId(), extends: 0, ops });
    // Another connection is another occasion.
    if (answer.tag === 'unanswered') return;
    const draft = drafts.drafts.find((kept) => kept.draftId === draftId);
    // It has words of the user's by now, which nobody has judged.
    if (draft?.agentEdit === undefined) return;
    const judged = batchAnswerOf(answer);
    if (judged.tag !== 'refused') {
      await drafts.dropDraft(draftId);
      onJudged(draft);
    } else if (judged.code === 'paused') {
      this.#refusedAgain.add(draftId);
    } else {
      const { code, message } = judged;
      await drafts.putDraft({ ...draft, code, message });
    }
  }
}
