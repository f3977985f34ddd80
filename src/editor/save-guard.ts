/**
 * Owns: that what a save's participants make of others' text leaves the document again, and that the disk gets the text
 * without it. Does not know: which changes those are, how a file is written.
 *
 * Where the participants run before the save is announced, the save waits until the editor has the text without what
 * they did, and writes that. Where they run after it, what they did is on disk, and the document is not dirty. Then
 * the file is written again, and the editor loads it: to change the document would make it dirty, and each save of it
 * would run the participants once more.
 */
import type { Position } from '../core/position.ts';
import { targetText } from '../sync/document-state.ts';
import type { DocumentBinding } from '../sync/document-binding.ts';
import type { Clock } from '../sync/ports.ts';
import { SaveParticipants, type SaveParticipantsParts } from '../sync/save-participants.ts';
import type { DocumentPort } from './document-port.ts';
import { SAVE_ANSWER_MS, within } from './in-time.ts';

export interface SaveGuardParts {
  readonly port: Pick<DocumentPort, 'document' | 'onChange' | 'roundTrip' | 'text'>;
  readonly clock: Pick<Clock, 'after'>;
  readonly binding: () => DocumentBinding | undefined;
  readonly othersAt: () => readonly Position[];
  readonly hasSlow: () => boolean;
}

/**
 * Writes a text in the place of what was saved last; undefined where something else is on disk. What it resolves to
 * puts back what was saved.
 */
export type WriteInstead = (text: string) => Promise<(() => Promise<void>) | undefined>;

/** An editor loads a file that changed, and is not dirty, in less. */
const LOAD_MS = 3_000;
/** What the editor tells while it is being given something is heard after that, and then it may be given more. */
const MOST_ANSWERS = 4;

export class SaveGuard {
  readonly #parts: SaveGuardParts;
  readonly participants: SaveParticipants;

  constructor(parts: SaveGuardParts) {
    const { port, clock, binding, othersAt, hasSlow } = parts;
    this.#parts = parts;
    const options: SaveParticipantsParts = {
      heardAll: () => port.roundTrip(),
      after: (delayMs, fire) => clock.after(delayMs, fire),
      othersAt,
      hasSlow,
      onKnown: () => binding()?.makersKnown(),
      onFailed: (doubts) => this.#takeBack(doubts),
    };
    this.participants = new SaveParticipants(options);
  }

  /** Before a save: resolves when the editor has the text without what participants made of others', or after a time. */
  async announced(isAutomatic: boolean): Promise<void> {
    this.#takeBack(this.participants.announced(isAutomatic));
    await within(SAVE_ANSWER_MS, this.#answered());
  }

  async #answered(): Promise<void> {
    for (let answers = 0; answers < MOST_ANSWERS; answers++) {
      const binding = this.#parts.binding();
      if (!binding?.isEntering) return;
      await binding.answered();
      this.#takeBack(this.participants.made());
    }
  }

  /** A save is told of, whose bytes are known as this window's: `doubts` is what it did (`SaveParticipants.saved`). */
  async saved(doubts: ReadonlySet<number>, write: WriteInstead): Promise<void> {
    const { port } = this.#parts;
    const binding = this.#parts.binding();
    if (!binding) return;
    if (doubts.size === 0) {
      const isAtRest = !port.document.isDirty && binding.state.remote.length === 0;
      if (isAtRest) this.participants.cameToRest();
      return;
    }
    const goOn = await binding.holdEntering();
    try {
      this.#takeBack(doubts);
      if (await this.#bringBack(binding, write)) this.participants.cameToRest();
    } finally {
      goOn();
    }
  }

  /** False where the editor has to be given the text, and is dirty then. */
  async #bringBack(binding: DocumentBinding, write: WriteInstead): Promise<boolean> {
    const { document } = this.#parts.port;
    if (document.isDirty || document.isClosed) return false;
    const text = targetText(binding.state).toString();
    if (this.#parts.port.text() === text) return true;
    const putBack = await write(text);
    if (!putBack) return false;
    if (await this.#isLoaded(text)) return true;
    // The editor would not save over a file that it does not know.
    await putBack();
    return false;
  }

  /** Resolves false where the user types first, or the editor does not look. */
  async #isLoaded(text: string): Promise<boolean> {
    const { port } = this.#parts;
    const loaded = Promise.withResolvers<void>();
    const isShown = (): boolean => port.text() === text;
    const stop = port.onChange(({ cause }) => {
      if (cause !== 'disk' || isShown()) loaded.resolve();
    });
    if (isShown()) loaded.resolve();
    await within(LOAD_MS, loaded.promise);
    stop();
    return isShown() && !port.document.isDirty;
  }

  #takeBack(doubts: ReadonlySet<number>): void {
    if (doubts.size === 0) return;
    this.#parts.binding()?.takeBackDoubted(doubts);
    this.participants.taken(doubts);
  }
}
