/**
 * Tells what the editor's own chat writes into a document from what its user does. Owns: that decision for each
 * change, and how long it is put off. Does not know: VS Code's objects, who the chat is in a world, what is sent.
 *
 * VS Code does not say who made a change. What was seen of its chat in 1.139: before its first edit of a file it
 * opens a document with the text from before (the baseline); its edits come without a reason and wherever
 * they belong, and at the end of a turn it saves without asking anybody (no will-save event), a third of a second to a
 * second after the last edit. Whatever is not the chat's it makes in the baseline too, unless that stands in
 * text of its own.
 */
import type { IdentityHex } from '../core/op.ts';
import type { Maker } from '../sync/ports.ts';
import { haveSameTexts, isAtHand, type PlaceRange, type ToldChange } from '../sync/at-hand.ts';

export interface ChangeDoubtsParts {
  /** Calls once after a time in milliseconds; the returned function cancels it. */
  readonly after: (delayMs: number, fire: () => void) => () => void;
  /** Resolves with the agent that the chat is; undefined where it cannot be one. Never rejects. */
  readonly agent: () => Promise<IdentityHex | undefined>;
  /**
   * Looks whether these put others' work away, before they are sent; resolves once what remains may be sent. Never
   * rejects.
   */
  readonly look: (doubts: ReadonlySet<number>) => Promise<void>;
  /** Something that was in doubt is not any more. */
  readonly onKnown: () => void;
}

/** So long after the last change that may be the chat's its save is waited for, and as long one that was announced. */
export const SAVE_WITHIN_MS = 5_000;
/** Whatever it goes on writing: others do not wait longer for what was in doubt first. */
export const DOUBT_MOST_MS = 30_000;
/** So long an agent that was never in the world may take to join it. */
const AGENT_MS = 5_000;
const MOST_OPEN = 512;
const MOST_KNOWN = 512;

interface Doubt {
  readonly number: number;
  readonly changes: readonly ToldChange[];
}

export class ChangeDoubts {
  readonly #parts: ChangeDoubtsParts;
  /** Whether the chat has these open is not known, the oldest first. */
  #open: readonly Doubt[] = [];
  /** The chat's, of which the agent is asked for. */
  readonly #asking = new Set<number>();
  /** Looked at for others' work. */
  readonly #looking = new Set<number>();
  readonly #agents = new Map<number, IdentityHex>();
  #count = 0;
  #cancelQuiet: (() => void) | undefined;
  #cancelMost: (() => void) | undefined;
  /** A save is announced and not done; the function stops waiting for it. */
  #announced: (() => void) | undefined;
  #isDisposed = false;

  constructor(parts: ChangeDoubtsParts) {
    this.#parts = parts;
  }

  /**
   * A change of a file of which the chat keeps a baseline; `selections` are those from before, in all editors
   * that show it, `isAll` tells that it replaced a whole text (`replacesAll`). Returns the number of the doubt;
   * undefined for the user's.
   */
  observe(
    changes: readonly ToldChange[],
    selections: readonly PlaceRange[],
    isAll = false,
  ): number | undefined {
    if (isAll) return this.#undone();
    if (isAtHand(changes, selections)) {
      // Nothing that is typed waits for what is known later.
      const wasAsking = this.#asking.size > 0;
      this.#asking.clear();
      if (this.#takeOpen().length > 0 || wasAsking) this.#parts.onKnown();
      return undefined;
    }
    const number = ++this.#count;
    this.#open = [...this.#open, { number, changes }];
    if (this.#open.length > MOST_OPEN) this.#endAll();
    else this.#waitForSave();
    return number;
  }

  /** Who made the change with this doubt; undefined as long as nobody knows. */
  makerOf(doubt: number): Maker | undefined {
    const isAsked = this.#asking.has(doubt) || this.#looking.has(doubt);
    if (isAsked || this.#open.some(({ number }) => number === doubt)) return undefined;
    const agent = this.#agents.get(doubt);
    return agent === undefined ? 'user' : { agent };
  }

  /** The editor asks everybody before it saves the document. */
  saveAnnounced(): void {
    this.#announced?.();
    // Nobody is told of one that fails: it must not stand for a save of the chat's later.
    this.#announced = this.#parts.after(SAVE_WITHIN_MS, () => (this.#announced = undefined));
  }

  /** The document was saved. */
  saved(): void {
    const wasAnnounced = this.#announced !== undefined;
    this.#announced?.();
    this.#announced = undefined;
    if (this.#open.length === 0) return;
    if (wasAnnounced) this.#endAll();
    else void this.#giveToAgent(this.#takeOpen());
  }

  /** The chat made these changes in its baseline: they are not its own. */
  mirrored(changes: readonly ToldChange[]): void {
    const found = this.#open.find((doubt) => haveSameTexts(doubt.changes, changes));
    if (found === undefined) return;
    this.#open = this.#open.filter((each) => each !== found);
    this.#parts.onKnown();
  }

  /** The document is gone: what is in doubt is the user's. */
  end(): void {
    this.#endAll();
  }

  /** Nobody is told any more. */
  dispose(): void {
    this.#takeOpen();
    this.#announced?.();
    this.#asking.clear();
    this.#looking.clear();
    this.#isDisposed = true;
  }

  #waitForSave(): void {
    const { after } = this.#parts;
    this.#cancelQuiet?.();
    this.#cancelQuiet = after(SAVE_WITHIN_MS, () => this.#endAll());
    this.#cancelMost ??= after(DOUBT_MOST_MS, () => this.#endAll());
  }

  #endAll(): void {
    if (this.#takeOpen().length > 0) this.#parts.onKnown();
  }

  #takeOpen(): readonly Doubt[] {
    this.#cancelQuiet?.();
    this.#cancelMost?.();
    this.#cancelMost = undefined;
    const open = this.#open;
    this.#open = [];
    return open;
  }

  /**
   * The chat's undo puts a text from before in the place of the whole file. The user asked for it, so it stays theirs;
   * others' work that it would put away is looked for whatever comes after.
   */
  #undone(): number {
    const number = ++this.#count;
    void this.#look([number]);
    return number;
  }

  async #giveToAgent(doubts: readonly Doubt[]): Promise<void> {
    for (const { number } of doubts) this.#asking.add(number);
    const agent = await this.#agent();
    const asked = doubts.map(({ number }) => number).filter((each) => this.#asking.delete(each));
    if (agent !== undefined) {
      for (const number of asked) this.#agents.set(number, agent);
      this.#forgetOldest();
      await this.#look(asked);
    } else if (asked.length > 0) this.#parts.onKnown();
  }

  async #look(doubts: readonly number[]): Promise<void> {
    if (doubts.length === 0) return;
    for (const number of doubts) this.#looking.add(number);
    // The change is told to others after this call.
    await Promise.resolve();
    await this.#parts.look(new Set(doubts));
    for (const number of doubts) this.#looking.delete(number);
    if (!this.#isDisposed) this.#parts.onKnown();
  }

  /** Undefined for one that does not come in time. */
  async #agent(): Promise<IdentityHex | undefined> {
    const late = Promise.withResolvers<undefined>();
    const cancel = this.#parts.after(AGENT_MS, () => late.resolve(undefined));
    const agent = await Promise.race([this.#parts.agent(), late.promise]);
    cancel();
    return agent;
  }

  #forgetOldest(): void {
    for (const [oldest] of this.#agents) {
      if (this.#agents.size <= MOST_KNOWN) break;
      this.#agents.delete(oldest);
    }
  }
}
