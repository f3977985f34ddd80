import { CARETS_LEVEL } from '../core/module-level.ts';
import { packCaret } from '../core/packed-caret.ts';
import type { CallAnswer, Link } from './link.ts';
import type { WorldSession } from './world-session.ts';

/** Where somebody is, what is selected there, and what they do. */
export type Shown = Parameters<typeof WorldSession.prototype.call<'update_presence'>>[1];

/**
 * Tells a world where somebody is: in full where they have come to another file, select or begin
 * something else, and else as shortly as the world's module understands it.
 */
export class PresenceTeller {
  readonly #session: WorldSession;
  /** What the world has confirmed, over which connection: a short movement says neither file nor activity. */
  #told: { readonly link: Link; readonly shown: Shown } | undefined;

  #turn = 0;

  constructor(session: WorldSession) {
    this.#session = session;
  }

  async tell(shown: Shown): Promise<CallAnswer> {
    const { link } = this.#session;
    if (link === undefined) return { tag: 'unanswered', why: 'disconnected' };
    const caret = this.#shortly(link, shown);
    if (caret !== undefined) {
      const answer = await this.#session.call('move_caret', { caret });
      // It may be that no place was free, or that the world forgot it.
      if (!(answer.tag === 'refused' && answer.refusal.code === 'bad_request')) return answer;
    }
    // Until the world has taken it, and nothing after it, nothing is known of where others see us.
    this.#told = undefined;
    const turn = ++this.#turn;
    const answer = await this.#session.call('update_presence', shown);
    if (answer.tag === 'done' && turn === this.#turn) this.#told = { link, shown };
    return answer;
  }

  #shortly(link: Link, shown: Shown): bigint | undefined {
    const told = this.#told?.link === link ? this.#told.shown : undefined;
    const { fileId, version, selections, typing, activity } = shown;
    if (link.moduleLevel < CARETS_LEVEL) return undefined;
    if (told?.fileId !== fileId || told.activity !== activity) return undefined;
    const head = this.#session.view.files.get(fileId);
    const [selection, ...others] = selections;
    if (selection === undefined || others.length > 0 || head === undefined) return undefined;
    const { anchorLine, anchorCharacter, activeLine: line, activeCharacter: character } = selection;
    if (anchorLine !== line || anchorCharacter !== character) return undefined;
    return packCaret({ line, character, version, typing }, head.version);
  }
}
