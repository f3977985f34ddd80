import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface DelayRange {
  readonly minMs: number;
  readonly maxMs: number;
}

/** One direction of a connection: everything arrives in order, each after a random delay, or not at all. */
export class DelayedLine {
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #delay: DelayRange;
  #lastAtMs = 0;
  #epoch = 0;

  constructor(time: VirtualTime, random: Random, delay: DelayRange) {
    this.#time = time;
    this.#random = random;
    this.#delay = delay;
  }

  send(deliver: () => void | Promise<void>): void {
    const delayMs = this.#random.integer(this.#delay.minMs, this.#delay.maxMs);
    const atMs = Math.max(this.#lastAtMs, this.#time.nowMs() + delayMs);
    this.#lastAtMs = atMs;
    const epoch = this.#epoch;
    this.#time.after(atMs - this.#time.nowMs(), () =>
      epoch === this.#epoch ? deliver() : undefined,
    );
  }

  /** Loses all that is on its way. */
  cut(): void {
    this.#epoch++;
  }
}
