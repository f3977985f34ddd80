/**
 * Owns: telling of what earlier windows left unsent and the world did not take, all of it together: nobody types there
 * who would see it. Does not know: how it is worded, what can be done about it.
 */
import type { CancelTimer } from '../world/clock.ts';

/** What a window that ended has left of many files is sent one after the other. */
const TOGETHER_MS = 500;

export class LeftNotices {
  readonly #after: (delayMs: number, fire: () => void) => CancelTimer;
  readonly #show: (paths: readonly string[]) => void;
  readonly #paths = new Set<string>();
  #cancel: CancelTimer = () => {};

  /** `show` gets each path once for all that is told of it within half a second of the last. */
  constructor(
    after: (delayMs: number, fire: () => void) => CancelTimer,
    show: (paths: readonly string[]) => void,
  ) {
    this.#after = after;
    this.#show = show;
  }

  tell(path: string): void {
    this.#paths.add(path);
    this.#cancel();
    this.#cancel = this.#after(TOGETHER_MS, () => {
      const paths = [...this.#paths];
      this.#paths.clear();
      this.#show(paths);
    });
  }

  dispose(): void {
    this.#cancel();
  }
}
