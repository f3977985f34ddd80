/**
 * Owns: a subscription that is renewed on every connection, and tried again where the server refuses
 * it. Does not know: what is watched, what is done with the rows.
 */
import { retryDelayMs } from './backoff.ts';
import type { CancelTimer, Clock } from './clock.ts';
import type { Link, LinkSubscription } from './link.ts';
import { LinkFailure } from './link-failure.ts';
import { WorldError } from './world-error.ts';

export interface RenewalOptions {
  readonly clock: Clock;
  /** What is to be done before each attempt, while it is not too late for it. */
  readonly prepare?: (link: Link, isLate: () => boolean) => Promise<void>;
  /** What to watch now; asked for each attempt. */
  readonly query: () => string;
  /** The rows are there; called at that very moment. */
  readonly onApplied: (link: Link) => void;
  /** The server refused often enough: nothing more is tried before the next connection, or `renew`. */
  readonly onFailed: (error: WorldError) => void;
  /** Anything else went wrong: a bug. */
  readonly onBroken: (error: unknown) => void;
}

/** Attempts after the first, over about ten seconds. */
const RETRIES = 6;

export class Renewal {
  readonly #options: RenewalOptions;
  #subscription: LinkSubscription | undefined;
  /** Counts attempts: the answer to an older one comes too late. */
  #attempt = 0;
  #refusals = 0;
  #cancelRetry: CancelTimer = () => {};
  #isEnded = false;

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  /** Watches through a connection, in place of what was watched before once the new rows are there. */
  renew(link: Link): void {
    this.#refusals = 0;
    void this.#try(link);
  }

  /** The connection ended, and what was watched through it. */
  disconnected(): void {
    this.#cancelRetry();
    this.#attempt++;
    this.#subscription = undefined;
  }

  end(): void {
    this.#isEnded = true;
    this.#cancelRetry();
    this.#subscription?.end();
    this.#subscription = undefined;
  }

  async #try(link: Link): Promise<void> {
    this.#cancelRetry();
    const attempt = ++this.#attempt;
    const isLate = (): boolean => this.#isEnded || attempt !== this.#attempt;
    const former = this.#subscription;
    const { prepare, query, onApplied, onBroken } = this.#options;
    try {
      await prepare?.(link, isLate);
      if (isLate()) return;
      const subscription = await link.subscribe([query()], () => {
        if (!isLate()) onApplied(link);
      });
      if (isLate()) {
        subscription.end();
        return;
      }
      this.#refusals = 0;
      this.#subscription = subscription;
      former?.end();
    } catch (error) {
      // After the end of a connection the next one begins anew.
      if (isLate() || !link.isAlive || error instanceof LinkFailure) return;
      if (error instanceof WorldError) this.#refused(link, error);
      else onBroken(error);
    }
  }

  #refused(link: Link, error: WorldError): void {
    if (this.#refusals === RETRIES) {
      this.#options.onFailed(error);
      return;
    }
    const delayMs = retryDelayMs(this.#refusals, () => 0.5);
    this.#refusals++;
    this.#cancelRetry = this.#options.clock.after(delayMs, () => void this.#try(link));
  }
}
