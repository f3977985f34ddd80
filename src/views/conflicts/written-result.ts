/**
 * Owns: what somebody writes to stand in place of a conflict's sides: that it outlives its field, and that it is applied
 * to what they have seen and to nothing else. Does not know: VS Code, how it is shown.
 */
import type { TypedTexts } from '../../editor/typed-texts.ts';

/** Where it is kept. */
export type KeptTexts = Pick<TypedTexts, 'keep' | 'read' | 'forget'>;

/** The texts of a conflict, as they are shown. */
export interface ShownTexts {
  readonly refusedId: string;
  readonly baseText: string;
  readonly refusedText: string;
  readonly currentText: string;
}

interface Written {
  readonly refusedId: string;
  readonly text: string;
  /** What stood there when they began to write. */
  readonly about: string;
}

export class WrittenResult {
  readonly #kept: () => KeptTexts | undefined;
  /** The conflict that is looked at. */
  #looked = '';
  #written: Written | undefined;
  #shownKey = '';
  #number = 0;

  constructor(kept: () => KeptTexts | undefined) {
    this.#kept = kept;
  }

  /** Another world is looked at: its conflicts may have the same ids. What was written is kept where it was. */
  reset(): void {
    this.#looked = '';
    this.#written = undefined;
    this.#shownKey = '';
    // Nothing is shown of the other world yet, and a decision about this one is none about that.
    this.#number += 1;
  }

  /** Reads what was written about a conflict before, in a field that is gone. */
  async look(refusedId: string): Promise<void> {
    if (this.#looked === refusedId) return;
    this.#looked = refusedId;
    this.#written = undefined;
    const kept = this.#kept();
    const typed = await kept?.read(fieldOf(refusedId));
    // They may have begun to write meanwhile, or look at another one, be it of another world.
    const isSame = this.#looked === refusedId && this.#kept() === kept;
    if (typed && isSame && this.#written === undefined) this.#written = { refusedId, ...typed };
  }

  /** What stands in the field of a conflict, where that is the user's own text. */
  textFor(refusedId: string): string | undefined {
    return this.#written?.refusedId === refusedId ? this.#written.text : undefined;
  }

  /** They wrote in the field of a conflict, which may be shown no more by the time that is heard. */
  write({ refusedId, refusedText, currentText }: ShownTexts, text: string): void {
    if (text === refusedText) {
      this.forget(refusedId);
      return;
    }
    const before = this.#written?.refusedId === refusedId ? this.#written : undefined;
    const written = { refusedId, text, about: before?.about ?? currentText };
    if (this.#looked === refusedId) this.#written = written;
    this.#kept()?.keep(fieldOf(refusedId), text, written.about);
  }

  /**
   * This text was applied. Returns what was written after that was asked for: it is kept, since nobody has applied it.
   */
  applied(refusedId: string, text: string): string | undefined {
    const written = this.textFor(refusedId);
    if (written !== undefined && written !== text) return written;
    this.forget(refusedId);
    return undefined;
  }

  /** The conflict is none any more, and the user was told of what they wrote: nobody tells it again. It stays on disk. */
  told(refusedId: string): void {
    if (this.#written?.refusedId === refusedId) this.#written = undefined;
  }

  /** It is wanted no more. */
  forget(refusedId: string): void {
    if (this.#written?.refusedId === refusedId) this.#written = undefined;
    this.#kept()?.forget(fieldOf(refusedId));
  }

  /** What stood there when they began to write, where that is another text now. */
  stoodThere({ refusedId, currentText }: ShownTexts): string | undefined {
    const written = this.#written?.refusedId === refusedId ? this.#written : undefined;
    return written && written.about !== currentText ? written.about : undefined;
  }

  /** These texts are shown from now on. Returns the number that a decision about them names. */
  show({ refusedId, baseText, refusedText, currentText }: ShownTexts): number {
    const key = JSON.stringify([refusedId, baseText, refusedText, currentText]);
    if (key !== this.#shownKey) this.#number += 1;
    this.#shownKey = key;
    return this.#number;
  }

  /** Whether a decision is about what is shown now, and not about what was shown before. */
  isShown(number: number): boolean {
    return number === this.#number;
  }
}

/** The field of a conflict, whether it is in the panel or in the small editor. */
export function fieldOf(refusedId: string): string {
  return `conflict ${refusedId}`;
}

/** Names a conflict among those of all worlds of a window: ids of tickets are counted by each world. */
export function keyIn(database: string, refusedId: string): string {
  return `${database}/${refusedId}`;
}

/** The id that a key names in a world; undefined for a key of another world. */
export function idIn(database: string, key: string): string | undefined {
  const before = keyIn(database, '');
  return key.startsWith(before) ? key.slice(before.length) : undefined;
}
