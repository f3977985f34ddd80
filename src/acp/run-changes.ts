/** Owns: who hears that a run is another, and how often: texts grow faster than anybody reads. */
import type { CancelTimer, Clock } from '../world/clock.ts';
import type { RunChange } from './agent-run.ts';

interface RunChangesOptions {
  readonly clock: Clock;
  /** The entries that changed since this was asked last. */
  readonly takeChanged: () => ReadonlySet<string>;
}

export class RunChanges {
  readonly #options: RunChangesOptions;
  readonly #listeners = new Set<(change: RunChange) => void>();
  #cancel: CancelTimer | undefined;
  #isState = false;

  constructor(options: RunChangesOptions) {
    this.#options = options;
  }

  /** Returns how to stop listening. */
  listen(listener: (change: RunChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Entries changed. */
  tellSoon(): void {
    this.#cancel ??= this.#options.clock.after(TELL_MS, () => this.#tell());
  }

  /** The state, or what the client tells of itself, is another. */
  tellState(isUrgent: boolean): void {
    this.#isState = true;
    if (isUrgent) this.#tell();
    else this.tellSoon();
  }

  #tell(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const change = { entries: this.#options.takeChanged(), isState: this.#isState };
    this.#isState = false;
    for (const listener of this.#listeners) listener(change);
  }
}

const TELL_MS = 50;
