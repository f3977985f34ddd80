/** Runs `flush` soon, once; a simulation supplies its own to step the database by hand. */
export type ScheduleFlush = (flush: () => void) => void;

/** In the next turn of the event loop: whatever sockets deliver until then joins the same commit. */
export const flushNextTurn: ScheduleFlush = (flush) => {
  setImmediate(flush);
};

export interface LaneOptions {
  readonly schedule: ScheduleFlush;
  readonly nowMicros: () => bigint;
  /** Makes what ran durable and lets its answers out. */
  readonly settle: () => void;
  /** Is told of a task that threw: whatever it left half done must not be trusted. */
  readonly crashed: (error: unknown) => void;
}

/**
 * The one lane in which everything that touches a database runs. Tasks that came meanwhile run
 * together and settle together: group commit, no timer. Whoever has tasks waiting gets one in after
 * the other, so that somebody's flood is their own to wait for.
 */
export class Lane {
  readonly #options: LaneOptions;
  /** By whom they came from, in the order in which they get their turns. */
  readonly #waiting = new Map<string, TaskQueue>();
  #scheduled = false;
  #idle: (() => void)[] = [];

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Queues a task. Those from the same source run in the order they came. */
  submit(source: string, task: () => void): void {
    let queue = this.#waiting.get(source);
    if (!queue) {
      queue = new TaskQueue();
      this.#waiting.set(source, queue);
    }
    queue.push(task);
    this.#wake();
  }

  /** Resolves when every task submitted so far has run and settled. */
  idle(): Promise<void> {
    if (this.#waiting.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #wake(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#options.schedule(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const untilMicros = this.#options.nowMicros() + FLUSH_MICROS;
    let count = 0;
    do count += this.#round();
    while (this.#waiting.size > 0 && count < LARGEST_FLUSH && this.#isTime(untilMicros));
    this.#options.settle();
    if (this.#waiting.size > 0) {
      this.#wake();
      return;
    }
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }

  /** One task of everybody's. Returns how many that were. */
  #round(): number {
    let count = 0;
    for (const [source, queue] of this.#waiting) {
      const task = queue.shift();
      if (queue.isEmpty) this.#waiting.delete(source);
      count++;
      try {
        task();
      } catch (error) {
        this.#options.crashed(error);
      }
    }
    return count;
  }

  #isTime(untilMicros: bigint): boolean {
    return this.#options.nowMicros() < untilMicros;
  }
}

/** First in, first out, without moving the rest: a flood is long. */
class TaskQueue {
  #tasks: (() => void)[] = [];
  #next = 0;

  get isEmpty(): boolean {
    return this.#next === this.#tasks.length;
  }

  push(task: () => void): void {
    this.#tasks.push(task);
  }

  shift(): () => void {
    const task = this.#tasks[this.#next++]!;
    if (this.#next >= LONGEST_TAIL) {
      this.#tasks = this.#tasks.slice(this.#next);
      this.#next = 0;
    }
    return task;
  }
}

/** How long a flush takes on tasks: who comes in between waits for it and for one sync. */
const FLUSH_MICROS = 4000n;
const LARGEST_FLUSH = 256;
const LONGEST_TAIL = 1024;
