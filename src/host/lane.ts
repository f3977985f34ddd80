import { LaneUsage } from './lane-usage.ts';

/** Runs `flush` soon, once; a simulation supplies its own to step the database by hand. */
export type ScheduleFlush = (flush: () => void) => void;

/** In the next turn of the event loop: whatever sockets deliver until then joins the same commit. */
export const flushNextTurn: ScheduleFlush = (flush) => {
  setImmediate(flush);
};

export interface LaneOptions {
  readonly schedule: ScheduleFlush;
  readonly nowMicros: () => bigint;
  /** Calls `fire` once, that much later. */
  readonly later: (delayMs: number, fire: () => void) => void;
  /** Makes what ran durable and lets its answers out. */
  readonly settle: () => void;
  /** Is told of a task that threw: whatever it left half done must not be trusted. */
  readonly crashed: (error: unknown) => void;
}

/**
 * The one lane in which everything that touches a database runs. Tasks that came meanwhile run
 * together and settle together: group commit, no timer. Whoever has tasks waiting gets one in after
 * the other. Who sends without waiting for answers has a share of the lane for that, and is held back
 * beyond it while others are there: such a source gets short turns of its own with long pauses
 * between, so that the others find the lane free. Alone, nobody is held back.
 */
export class Lane {
  readonly #options: LaneOptions;
  /** By whom they came from, in the order in which they get their turns. */
  readonly #prompt = new Map<string, TaskQueue>();
  /** The same of those who are held back. */
  readonly #held = new Map<string, TaskQueue>();
  /** Who is held back, whether they have tasks waiting just now or not. */
  readonly #holding = new Set<string>();
  readonly #usage = new LaneUsage();
  #heldUntilMicros = 0n;
  #wasPrompt = false;
  #isScheduled = false;
  #isWaiting = false;
  #idle: (() => void)[] = [];

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /**
   * Queues a task. Those from the same source run in the order they came. `isAhead` says that it was
   * sent before the one before it was answered.
   */
  submit(source: string, task: () => void, isAhead = false): void {
    const queues = this.#holding.has(source) ? this.#held : this.#prompt;
    const queue = queues.get(source) ?? new TaskQueue();
    queues.set(source, queue);
    queue.push({ run: task, isAhead: isAhead || !queue.isEmpty });
    this.#wake();
  }

  /** Resolves when every task submitted so far has run and settled; nobody is held back till then. */
  idle(): Promise<void> {
    if (this.#prompt.size === 0 && this.#held.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#wake();
    });
  }

  #wake(): void {
    if (this.#isScheduled) return;
    if (this.#prompt.size > 0 || this.#isHeldDue()) {
      this.#isScheduled = true;
      this.#options.schedule(() => this.#flush());
    } else if (this.#held.size > 0 && !this.#isWaiting) {
      this.#isWaiting = true;
      const delayMicros = Number(this.#heldUntilMicros - this.#options.nowMicros());
      this.#options.later(Math.max(1, Math.ceil(delayMicros / 1000)), () => {
        this.#isWaiting = false;
        this.#wake();
      });
    }
  }

  #isHeldDue(): boolean {
    if (this.#held.size === 0) return false;
    return this.#idle.length > 0 || this.#options.nowMicros() >= this.#heldUntilMicros;
  }

  #flush(): void {
    this.#isScheduled = false;
    const startMicros = this.#options.nowMicros();
    // Never two turns of the others' in a row where somebody held back is due: no source starves.
    const isHeldTurn = this.#isHeldDue() && (this.#prompt.size === 0 || this.#wasPrompt);
    this.#wasPrompt = !isHeldTurn;
    const ran = this.#run(isHeldTurn ? this.#held : this.#prompt, startMicros);
    const settleMicros = this.#options.nowMicros();
    this.#options.settle();
    const nowMicros = this.#options.nowMicros();
    // Answers take time as well, and large ones most of it.
    const eachMicros = Number(nowMicros - settleMicros) / Math.max(1, ran.size);
    for (const source of ran) this.#usage.note(source, eachMicros, nowMicros);
    if (isHeldTurn) this.#heldUntilMicros = nowMicros + PAUSES * (nowMicros - startMicros);
    this.#sort(ran, nowMicros);
    this.#wake();
    if (this.#prompt.size === 0 && this.#held.size === 0) this.#tellIdle();
  }

  /** Runs tasks until it is time. Returns who had sent ahead. */
  #run(queues: Map<string, TaskQueue>, startMicros: bigint): ReadonlySet<string> {
    const ahead = new Set<string>();
    let count = this.#round(queues, ahead);
    if (queues.size === 0) return ahead;
    // What is left had not been answered when it was sent: it is no hurry to others.
    const isAnybodyElse = this.#usage.isAnybodyElse(startMicros, (source) => queues.has(source));
    const endMicros = startMicros + (isAnybodyElse ? SHORT_TURN_MICROS : TURN_MICROS);
    while (queues.size > 0 && count < LARGEST_TURN && this.#options.nowMicros() < endMicros) {
      count += this.#round(queues, ahead);
    }
    return ahead;
  }

  /** One task of everybody's. Returns how many that were. */
  #round(queues: Map<string, TaskQueue>, ahead: Set<string>): number {
    const sources = [...queues];
    let startMicros = this.#options.nowMicros();
    for (const [source, queue] of sources) {
      const { run, isAhead } = queue.shift();
      try {
        run();
      } catch (error) {
        this.#options.crashed(error);
      }
      if (queue.isEmpty) queues.delete(source);
      const endMicros = this.#options.nowMicros();
      this.#usage.note(source, isAhead ? Number(endMicros - startMicros) : 0, endMicros);
      if (isAhead) ahead.add(source);
      startMicros = endMicros;
    }
    return sources.length;
  }

  /** Holds back who went beyond their share, and lets go of who did not for a while, or is alone. */
  #sort(ahead: ReadonlySet<string>, nowMicros: bigint): void {
    for (const source of ahead) {
      if (!this.#usage.isOverShare(source, nowMicros)) continue;
      if (this.#areOthersThere(nowMicros, source)) this.#hold(source);
    }
    if (this.#holding.size === 0) return;
    const areOthersThere = this.#areOthersThere(nowMicros);
    for (const source of this.#holding) {
      if (!areOthersThere || !this.#usage.isOverShare(source, nowMicros)) this.#release(source);
    }
  }

  #hold(source: string): void {
    this.#holding.add(source);
    move(source, this.#prompt, this.#held);
  }

  #release(source: string): void {
    this.#holding.delete(source);
    move(source, this.#held, this.#prompt);
  }

  #areOthersThere(nowMicros: bigint, self?: string): boolean {
    const isOne = (source: string): boolean => source === self || this.#holding.has(source);
    return this.#usage.isAnybodyElse(nowMicros, isOne);
  }

  #tellIdle(): void {
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}

function move(source: string, from: Map<string, TaskQueue>, to: Map<string, TaskQueue>): void {
  const queue = from.get(source);
  if (!queue) return;
  from.delete(source);
  to.set(source, queue);
}

interface Task {
  readonly run: () => void;
  readonly isAhead: boolean;
}

/** First in, first out, without moving the rest: a flood is long. */
class TaskQueue {
  #tasks: Task[] = [];
  #next = 0;

  get isEmpty(): boolean {
    return this.#next === this.#tasks.length;
  }

  push(task: Task): void {
    this.#tasks.push(task);
  }

  shift(): Task {
    const task = this.#tasks[this.#next++]!;
    if (this.#next >= LONGEST_TAIL) {
      this.#tasks = this.#tasks.slice(this.#next);
      this.#next = 0;
    }
    return task;
  }
}

/** How long a turn takes on tasks: who comes in between waits for it and for one sync. */
const TURN_MICROS = 2000n;
/**
 * The same of what was sent ahead, while others are there; a single task may be longer. Turns that
 * are shorter still, and more of them, would meet more of the others' messages.
 */
const SHORT_TURN_MICROS = 500n;
/** Between two turns of those held back the lane is theirs no more than once in this and one more. */
const PAUSES = 30n;
const LARGEST_TURN = 256;
const LONGEST_TAIL = 1024;
