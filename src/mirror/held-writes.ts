/**
 * Owns: what of the folder stays as it is on disk for as long as whoever did it is paused: it is neither taken in nor
 * replaced, and looked at again when they go on. Does not know: what is judged then.
 */
import type { MirrorWorld, Refused } from './mirror-world.ts';

/** What was told of a path, so that the same is told once; of a file that is gone, `gone`. */
type Held = string;

export class HeldWrites {
  readonly #world: Pick<MirrorWorld, 'pausedAt'>;
  #held = new Map<string, Held>();
  /** Told of before somebody went on; another one who is paused still is not told the same again. */
  #former: ReadonlyMap<string, Held> = new Map();

  constructor(world: Pick<MirrorWorld, 'pausedAt'>) {
    this.#world = world;
  }

  /**
   * Why what is at a path stays there as it is; undefined where nobody is paused. `isTold`: that was said of the
   * same bytes before.
   */
  async reason(
    path: string,
    what: Held,
  ): Promise<{ readonly refused: Refused; readonly isTold: boolean } | undefined> {
    const refused = await this.#world.pausedAt(path);
    if (!refused) return undefined;
    const told = this.#held.get(path) ?? this.#former.get(path);
    const isTold = told === what || told === JUST_TOLD;
    this.#held.set(path, what);
    return { refused, isTold };
  }

  /** The world refused it as somebody was paused just now. */
  add(path: string): void {
    if (!this.#held.has(path)) this.#held.set(path, JUST_TOLD);
  }

  /** The paths that are to be looked at again, since somebody goes on. */
  take(): readonly string[] {
    if (this.#held.size === 0) return [];
    this.#former = this.#held;
    this.#held = new Map();
    return [...this.#former.keys()];
  }
}

/** It was told of what is there, whatever that is. */
const JUST_TOLD = '';

/** A file is not there any more. */
export const GONE = 'gone';
