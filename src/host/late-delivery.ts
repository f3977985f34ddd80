import type { ClientSession } from './client-session.ts';
import type { CancelTimer, Clock } from './clock.ts';

/**
 * Tells clients late of what others did, each after a time of its own, as SpacetimeDB may: the answer
 * to a call then comes before others see what it changed. Every client still hears of everything in
 * the order in which it was committed. For tests; without it everybody hears before the answer.
 */
export class LateDelivery {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #pending = new Map<ClientSession, CancelTimer>();

  constructor(seed: number, clock: Clock) {
    this.#clock = clock;
    this.#random = seededRandom(seed);
  }

  /** Sends what a session is to hear: at once where it waits for an answer, and later otherwise. */
  deliver(session: ClientSession): void {
    if (session.isOwedAnswer || this.#random() < AT_ONCE) {
      this.#send(session);
    } else if (!this.#pending.has(session)) {
      const delayMs = Math.ceil(this.#random() * LATEST_MS);
      this.#pending.set(
        session,
        this.#clock.after(delayMs, () => this.#send(session)),
      );
    }
  }

  /** Sends nothing more. */
  close(): void {
    for (const cancel of this.#pending.values()) cancel();
    this.#pending.clear();
  }

  #send(session: ClientSession): void {
    this.#pending.get(session)?.();
    this.#pending.delete(session);
    session.flush();
  }
}

/** Numbers from 0 to 1, always the same for a seed (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The share of what is not late after all. */
const AT_ONCE = 0.2;
const LATEST_MS = 30;
