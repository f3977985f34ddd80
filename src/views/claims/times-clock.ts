import type { Disposable } from '../../editor/disposable-store.ts';
import type { Clock } from '../../world/clock.ts';
import { untilReadsDifferently } from './claim-times.ts';

export interface TimesClockOptions {
  readonly clock: Clock;
  /** When the times left that somebody sees are over. */
  readonly shown: () => Iterable<number>;
  /** Some of them reads differently now. */
  readonly onTurn: () => void;
}

/** Says when a time left that somebody sees reads differently; stands still while none is shown. */
export class TimesClock implements Disposable {
  readonly #options: TimesClockOptions;
  #cancel: (() => void) | undefined;

  constructor(options: TimesClockOptions) {
    this.#options = options;
  }

  /** What is shown may be something else now. */
  wind(): void {
    const { clock, shown, onTurn } = this.#options;
    this.dispose();
    const waitMs = untilReadsDifferently(shown(), clock.nowMs());
    if (waitMs === undefined) return;
    this.#cancel = clock.after(waitMs, () => {
      this.#cancel = undefined;
      onTurn();
      this.wind();
    });
  }

  dispose(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
