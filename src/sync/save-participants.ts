/**
 * Owns: which changes of a document a save made on what others wrote or are typing in, such as trimming, a last line
 * end or a formatter's. They are nobody's wish there. Does not know: VS Code's objects, how such a change is taken
 * out, the disk.
 *
 * Nobody is told who made a change. What was seen in VS Code 1.139: the editor's own participants of a save run before
 * extensions are told that the document will be saved, or after it, whichever of the two registered first when the
 * window opened. So what touches others' text away from the cursors and leaves its words is in doubt until all has been
 * heard that the editor had to say by then: a save that is announced by that time has made it. Words are changed by
 * people: a symbol that is renamed in several files, or all that is replaced in a search, is saved at once.
 * Between an announcement and the save's report whatever touches that text away from the cursors is in doubt, except
 * for what brings words: that may be a symbol renamed just then, and nothing that somebody writes may vanish. What only
 * takes words away, or moves them, is the save's once it is told of, and the user's where it never is.
 */
import type { Change, Changes } from '../core/change.ts';
import type { Position } from '../core/position.ts';
import type { Text } from '../core/text.ts';
import { indexesAway, type PlaceRange } from './at-hand.ts';
import type { BindingUpdate } from './binding-contract.ts';
import { bringWords, keepsWords } from './changed-words.ts';
import { OthersText, touchesLines } from './others-text.ts';

export interface SaveParticipantsParts {
  /** Resolves when all has been heard that the editor had to tell before this was called. */
  readonly heardAll: () => Promise<void>;
  /** Calls once after a time in milliseconds; the returned function cancels it. */
  readonly after: (delayMs: number, fire: () => void) => () => void;
  /** Where others' cursors are in the text. */
  readonly othersAt: () => readonly Position[];
  /** True where a save that the user asks for has participants that take their time, after those that trim. */
  readonly hasSlow: () => boolean;
  /** Something is not in doubt any more: it is the user's. */
  readonly onKnown: () => void;
  /** Nobody else takes out what a save did, with these doubts, as where one that was announced is not told of. */
  readonly onFailed: (doubts: ReadonlySet<number>) => void;
}

/** So long before the announcement of a save one of its slow participants may have run. */
export const SLOW_MS = 2_000;
/** A save that was announced and that nobody was told of for so long has failed. */
export const SAVE_MS = 5_000;
/** So often in a row what a save did is taken out without the document coming to rest: then it is the user's. */
export const MOST_ROUNDS = 3;

export interface Suspects {
  /** Where in the changes they are. */
  readonly indexes: readonly number[];
  /** The number of their doubt, which is negative. */
  readonly doubt: number;
}

/**
 * `late`: nothing announced a save while all else was heard. `words`: it took words away or moved them while a save was
 * under way. `made`: a save that was told of made it; it is not out of the text yet.
 */
type Doubt = 'open' | 'late' | 'words' | 'made';

export class SaveParticipants {
  readonly #parts: SaveParticipantsParts;
  readonly #others = new OthersText();
  readonly #doubts = new Map<number, Doubt>();
  readonly #cancels = new Map<number, () => void>();
  #count = 0;
  #rounds = 0;
  /** A save is announced and not told of; the function stops waiting for it. */
  #saving: (() => void) | undefined;

  constructor(parts: SaveParticipantsParts) {
    this.#parts = parts;
  }

  /** The text changed. */
  updated(update: Extract<BindingUpdate, { tag: 'text' }>): void {
    if (!isOthers(update)) return this.#others.moved(update.changes);
    this.#rounds = 0;
    this.#others.wrote(update.changes);
  }

  /**
   * Those of the changes of one event that a save may have made on others' text; `hands` are the cursors from before
   * it, in all editors that show the document, and `text` is what it was made on. Undefined for nearly all events.
   */
  suspectsIn(changes: Changes, hands: readonly PlaceRange[], text: Text): Suspects | undefined {
    const away = indexesAway(changes, hands);
    if (away.length < changes.length && this.#saving === undefined) this.#rounds = 0;
    if (away.length === 0 || this.#rounds >= MOST_ROUNDS) return undefined;
    const places = this.#parts.othersAt();
    const others = away.filter((index) => this.#isOthers(changes[index]!, places));
    if (others.length === 0) return undefined;
    const keeping = others.filter((index) => keepsWords(changes[index]!, text));
    const takesWords = this.#saving !== undefined && takeWords(changes, others, keeping, text);
    const indexes = takesWords ? others : keeping;
    if (indexes.length === 0) return undefined;
    const doubt = -++this.#count;
    this.#doubts.set(doubt, takesWords ? 'words' : 'open');
    void this.#decide(doubt);
    return { indexes, doubt };
  }

  /** Who made the change with this doubt; undefined as long as nobody knows. */
  makerOf(doubt: number): 'user' | undefined {
    return this.#doubts.has(doubt) ? undefined : 'user';
  }

  /**
   * A save is announced, which `isAutomatic` where the editor saves by itself after a while. Returns the doubts of
   * what it has done so far.
   */
  announced(isAutomatic: boolean): ReadonlySet<number> {
    this.#saving?.();
    // Nobody was told of the save before.
    this.#settle((doubt) => doubt === 'words');
    this.#saving = this.#parts.after(SAVE_MS, () => this.#failed());
    this.#others.saving();
    // The slow ones do not take part in it.
    if (isAutomatic) this.#settle((doubt) => doubt === 'late');
    return this.#take();
  }

  /** Returns the doubts of what a save that is announced has done since this was asked last. */
  made(): ReadonlySet<number> {
    return this.#saving ? this.#take() : new Set();
  }

  /** A save is told of. Returns the doubts of what it did after it was announced; it is on disk. */
  saved(): ReadonlySet<number> {
    const made = this.made();
    for (const doubt of made) this.#doubts.set(doubt, 'made');
    this.#saving?.();
    this.#saving = undefined;
    this.#others.saved();
    return made;
  }

  /** These are out of the text: until then they stay in doubt. */
  taken(doubts: ReadonlySet<number>): void {
    for (const doubt of doubts) this.#forget(doubt);
  }

  /** The disk has the text that the document has, and the document is as it was saved. */
  cameToRest(): void {
    this.#rounds = 0;
  }

  /** The document is gone: what is in doubt is the user's, unless a save is under way or made it. */
  end(): void {
    this.#saving?.();
    if (this.#saving) this.#failed();
    const made = [...this.#doubts].filter(([, doubt]) => doubt === 'made');
    if (made.length > 0) this.#parts.onFailed(new Set(made.map(([doubt]) => doubt)));
    this.#settle((doubt) => doubt !== 'made');
  }

  /** Nobody is told any more. */
  dispose(): void {
    this.#saving?.();
    this.#saving = undefined;
    for (const doubt of this.#doubts.keys()) this.#forget(doubt);
  }

  #isOthers(change: Change, places: readonly Position[]): boolean {
    return (
      this.#others.isTouchedBy(change) ||
      places.some(({ line }) => touchesLines(change, line, line))
    );
  }

  async #decide(doubt: number): Promise<void> {
    await this.#parts.heardAll();
    if (this.#doubts.get(doubt) !== 'open' || this.#saving) return;
    if (!this.#parts.hasSlow()) return this.#know(doubt);
    this.#doubts.set(doubt, 'late');
    const isOver = (): void => {
      if (this.#doubts.get(doubt) === 'late' && !this.#saving) this.#know(doubt);
    };
    this.#cancels.set(doubt, this.#parts.after(SLOW_MS, isOver));
  }

  #know(doubt: number): void {
    if (this.#forget(doubt)) this.#parts.onKnown();
  }

  #settle(isKnown: (doubt: Doubt) => boolean): void {
    const known = [...this.#doubts].filter(([, doubt]) => isKnown(doubt));
    for (const [doubt] of known) this.#forget(doubt);
    if (known.length > 0) this.#parts.onKnown();
  }

  #take(): ReadonlySet<number> {
    // What an earlier save made is counted already.
    if ([...this.#doubts.values()].some((doubt) => doubt !== 'made')) this.#rounds += 1;
    return new Set(this.#doubts.keys());
  }

  #forget(doubt: number): boolean {
    this.#cancels.get(doubt)?.();
    this.#cancels.delete(doubt);
    return this.#doubts.delete(doubt);
  }

  #failed(): void {
    this.#saving = undefined;
    this.#settle((doubt) => doubt === 'words');
    const doubts = this.#take();
    if (doubts.size > 0) this.#parts.onFailed(doubts);
  }
}

/** True where those of the changes that do not keep words, `keeping` being the others, bring none. */
function takeWords(
  changes: Changes,
  others: readonly number[],
  keeping: readonly number[],
  text: Text,
): boolean {
  if (keeping.length === others.length) return false;
  const kept = new Set(keeping);
  const rest = others.flatMap((index) => (kept.has(index) ? [] : [changes[index]!]));
  return !bringWords(rest, text);
}

/** What the editor is given back is nothing that others wrote since. */
function isOthers({ by, isCorrection }: Extract<BindingUpdate, { tag: 'text' }>): boolean {
  return by === 'world' && isCorrection !== true;
}
