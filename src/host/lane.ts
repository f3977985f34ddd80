/** Runs `flush` soon, once; a simulation supplies its own to step the database by hand. */
export type ScheduleFlush = (flush: () => void) => void;

/** In the next turn of the event loop: whatever sockets deliver until then joins the same commit. */
export const flushNextTurn: ScheduleFlush = (flush) => {
  setImmediate(flush);
};

/** Tasks of one flush, so that a flood of cheap calls does not keep the first waiting for long. */
const LARGEST_BATCH = 256;

/**
 * The one lane in which everything that touches a database runs. Tasks that came meanwhile run
 * together, then `settle` makes them durable and lets their answers out: group commit, no timer.
 */
export class Lane {
  readonly #schedule: ScheduleFlush;
  readonly #settle: () => void;
  readonly #crashed: (error: unknown) => void;
  #tasks: (() => void)[] = [];
  #scheduled = false;
  #idle: (() => void)[] = [];

  /** `crashed` is told of a task that threw: whatever it left half done must not be trusted. */
  constructor(schedule: ScheduleFlush, settle: () => void, crashed: (error: unknown) => void) {
    this.#schedule = schedule;
    this.#settle = settle;
    this.#crashed = crashed;
  }

  /** Queues a task. Tasks run in the order they came. */
  submit(task: () => void): void {
    this.#tasks.push(task);
    this.#wake();
  }

  /** Resolves when every task submitted so far has run and settled. */
  idle(): Promise<void> {
    if (this.#tasks.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #wake(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const batch = this.#tasks.splice(0, LARGEST_BATCH);
    for (const task of batch) {
      try {
        task();
      } catch (error) {
        this.#crashed(error);
      }
    }
    this.#settle();
    if (this.#tasks.length > 0) {
      this.#wake();
      return;
    }
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}
