/**
 * Owns: what is to be taken back when the turns end in which it was done. Does not know: where it is kept, or how it is
 * shown.
 */
import { LinkFailure } from '../world/link-failure.ts';
import { WorldError } from '../world/world-error.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { DecisionResult, Review } from './review.ts';
import { type AgentWork, type ReviewHunk, sightOfHunk, type ShownHunk } from './review-hunk.ts';

/** So many changes wait at most, with so much text together, in UTF-16 code units. */
const MOST_WISHES = 500;
const MOST_TEXT = 256 * 1024;

/** A change that is taken back when its turns have ended, if it is then as it was shown. */
interface Wish {
  readonly hunk: ShownHunk;
  readonly turns: readonly AgentWork[];
  readonly words: string;
}

/** Keeps what waits, also over a restart; it holds JSON. */
export interface WishShelf {
  read(): unknown;
  write(wishes: readonly Wish[]): void;
}

export interface WaitingOptions {
  readonly session: WorldSession;
  readonly review: Pick<Review, 'takeBack'>;
  readonly shelf: WishShelf;
  /** What waits is other than before. */
  readonly onChange: () => void;
  /** Some were carried out, or could not be. */
  readonly onDone: (result: DecisionResult<ShownHunk>) => void;
}

export class WaitingDecisions {
  readonly #options: WaitingOptions;
  #wishes: ReadonlyMap<string, Wish>;
  #isLooking = false;
  /** Turns may have ended since they were looked at. */
  #isStale = false;

  constructor(options: WaitingOptions) {
    this.#options = options;
    const kept = options.shelf.read();
    const wishes = Array.isArray(kept) ? kept.filter(isWish).slice(0, MOST_WISHES) : [];
    this.#wishes = byHunk(wishes);
  }

  get size(): number {
    return this.#wishes.size;
  }

  isWaiting(hunk: ShownHunk): boolean {
    return this.#wishes.has(keyOf(hunk));
  }

  /** Lets changes wait for the end of all turns that are in them. False where more would wait than is kept. */
  add(hunks: readonly ReviewHunk[], words: string): boolean {
    const added = hunks.map((hunk): Wish => {
      return { hunk: kept(hunk), turns: hunk.works, words };
    });
    const wishes = new Map([...this.#wishes, ...byHunk(added)]);
    const isTooMuch =
      wishes.size > MOST_WISHES || JSON.stringify([...wishes.values()]).length > MOST_TEXT;
    if (!isTooMuch) this.#set(wishes);
    return !isTooMuch;
  }

  /** They are not taken back, or were decided by now. */
  withdraw(hunks: readonly ShownHunk[]): void {
    const keys = new Set(hunks.map(keyOf));
    const left = [...this.#wishes].filter(([key]) => !keys.has(key));
    if (left.length < this.#wishes.size) this.#set(new Map(left));
  }

  /** Takes back what waits for turns that have ended. What cannot be done for want of a connection goes on waiting. */
  async look(signal: AbortSignal): Promise<void> {
    this.#isStale = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#isStale && this.#wishes.size > 0 && !signal.aborted) {
        this.#isStale = false;
        await this.#takeBackDue(signal);
      }
    } finally {
      this.#isLooking = false;
    }
  }

  async #takeBackDue(signal: AbortSignal): Promise<void> {
    try {
      await this.#options.session.whenOnline(signal);
      for (const [words, own] of Map.groupBy(this.#due(), (wish) => wish.words)) {
        const hunks = own.map(({ hunk }) => hunk);
        const options = { signal, ...(words !== '' && { words }) };
        const result = await this.#options.review.takeBack(hunks, options);
        this.withdraw(hunks);
        this.#options.onDone(result);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof LinkFailure) && !(error instanceof WorldError)) throw error;
    }
  }

  #due(): readonly Wish[] {
    const open = this.#options.session.view.openTurns.turns;
    return [...this.#wishes.values()].filter(({ turns }) =>
      turns.every(({ turn }) => turn === undefined || !open.has(turn)),
    );
  }

  #set(wishes: ReadonlyMap<string, Wish>): void {
    this.#wishes = wishes;
    this.#options.shelf.write([...wishes.values()]);
    this.#options.onChange();
  }
}

function byHunk(wishes: readonly Wish[]): ReadonlyMap<string, Wish> {
  return new Map(wishes.map((wish) => [keyOf(wish.hunk), wish]));
}

/** The same change in whatever order it is listed: by agent, by turn or by file. */
function keyOf(hunk: ShownHunk): string {
  return JSON.stringify([hunk.fileId, sightOfHunk(hunk)]);
}

/** As much of a hunk as it is found by again. */
function kept(hunk: ShownHunk): ShownHunk {
  const { fileId, whose } = hunk;
  if (hunk.tag === 'whole') {
    const { tag, change, firstSeq, lastSeq } = hunk;
    return { tag, fileId, whose, change, firstSeq, lastSeq };
  }
  const steps = hunk.plan.steps.map(({ tag, text, by, at }) => ({
    tag,
    text,
    by: { opSeq: by.opSeq },
    at,
  }));
  return { tag: 'text', fileId, whose, plan: { steps } };
}

/** What an older version kept is of no use where it has another form. */
function isWish(value: unknown): value is Wish {
  const { hunk, turns, words } = (value ?? {}) as Partial<Wish>;
  if (typeof words !== 'string' || !isList(turns) || !hunk?.whose) return false;
  const { steps } = ('plan' in hunk && hunk.plan) || {};
  const isShown =
    hunk.tag === 'whole' ||
    (isList(steps) && steps.every(({ by, at }) => by && typeof at === 'number'));
  return isShown && typeof hunk.fileId === 'number';
}

function isList(value: unknown): value is readonly object[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null);
}
