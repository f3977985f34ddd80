import type { Clock } from '../../src/sync/ports.ts';

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void | Promise<void>;
  isCancelled: boolean;
}

/** Time that passes only when the next thing is run: no sleeps, and the same order every time. */
export class VirtualTime implements Clock {
  readonly #heap: Entry[] = [];
  #nowMs = 0;
  #count = 0;
  #hasPromises = false;

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void | Promise<void>): () => void {
    const entry: Entry = {
      atMs: this.#nowMs + delayMs,
      order: this.#count++,
      run,
      isCancelled: false,
    };
    this.#push(entry);
    return () => (entry.isCancelled = true);
  }

  /** Says that a promise was settled, so that what waits for it runs before the next thing does. */
  noteSettled(): void {
    this.#hasPromises = true;
  }

  /** Runs what is due, one by one, until `untilMs` or until `isDone`. Returns how many were run. */
  async run(untilMs: number, isDone: () => boolean = () => false): Promise<number> {
    let count = 0;
    while (!isDone()) {
      const entry = this.#heap[0];
      if (!entry || entry.atMs > untilMs) break;
      this.#pop();
      if (entry.isCancelled) continue;
      this.#nowMs = entry.atMs;
      count++;
      const running = entry.run();
      if (running) await running;
      if (running || this.#hasPromises) await this.#settlePromises();
    }
    if (!isDone()) this.#nowMs = Math.max(this.#nowMs, untilMs);
    return count;
  }

  /** Lets every promise that is ready run on; longer chains than these do not occur. */
  async #settlePromises(): Promise<void> {
    this.#hasPromises = false;
    for (let turn = 0; turn < 12; turn++) await Promise.resolve();
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
