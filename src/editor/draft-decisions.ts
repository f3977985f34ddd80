/**
 * Owns: that a draft is decided about once, by its author or by the world that judges it, whoever comes first; and
 * that its author decides about the text that they saw. Does not know: who judges, how text gets into an editor.
 */
import type { Draft } from '../sync/draft.ts';
import type { DraftFiles } from './draft-files.ts';

export class DraftDecisions {
  readonly #drafts: Pick<DraftFiles, 'drafts' | 'dropDraft'>;
  /** Drafts that somebody decides about now, and the end of that. */
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(drafts: Pick<DraftFiles, 'drafts' | 'dropDraft'>) {
    this.#drafts = drafts;
  }

  /**
   * Does `work` with a draft, as it is once nobody else decides about it. Resolves to undefined, with nothing done,
   * where it is gone by then. Rejects as `work` does.
   */
  async alone<Result>(
    draftId: string,
    work: (draft: Draft) => Promise<Result>,
  ): Promise<Result | undefined> {
    while (this.#underWay.has(draftId)) await this.#underWay.get(draftId);
    const draft = this.#drafts.drafts.find((kept) => kept.draftId === draftId);
    if (!draft) return undefined;
    const end = Promise.withResolvers<void>();
    this.#underWay.set(draftId, end.promise);
    try {
      return await work(draft);
    } finally {
      this.#underWay.delete(draftId);
      end.resolve();
    }
  }

  /**
   * Its author decides about a draft as they saw it: it is dropped, once `typeIn`, if given, has put it into the
   * text. Resolves to false, with nothing done, where it is gone, has another text, or `typeIn` says false.
   */
  async decide(shown: Draft, typeIn?: (draft: Draft) => Promise<boolean>): Promise<boolean> {
    const isDone = await this.alone(shown.draftId, async (draft) => {
      if (textOf(draft) !== textOf(shown)) return false;
      if (typeIn && !(await typeIn(draft))) return false;
      await this.#drafts.dropDraft(draft.draftId);
      return true;
    });
    return isDone ?? false;
  }
}

function textOf({ changes }: Draft): string {
  return JSON.stringify(changes.map(({ text }) => text));
}
