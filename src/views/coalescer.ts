/**
 * Owns: telling many changes once, in one turn. Does not know: what the keys stand for.
 */
import type { Disposable } from '../editor/disposable-store.ts';

/** Calls once, soon; the returned function cancels it. */
export type Schedule = (fire: () => void) => () => void;

/** A turn of drawing: what changes within it is shown together. */
const TURN_MS = 16;

export const nextTurn: Schedule = within(TURN_MS);

/** At most so often. */
export function within(delayMs: number): Schedule {
  return (fire) => {
    const timer = setTimeout(fire, delayMs);
    return () => clearTimeout(timer);
  };
}

/** Collects the keys of what has changed and tells them together. */
export class Coalescer<Key> implements Disposable {
  readonly #schedule: Schedule;
  readonly #tell: (keys: ReadonlySet<Key>) => void;
  #keys = new Set<Key>();
  #cancel: (() => void) | undefined;

  constructor(schedule: Schedule, tell: (keys: ReadonlySet<Key>) => void) {
    this.#schedule = schedule;
    this.#tell = tell;
  }

  mark(key: Key): void {
    this.#keys.add(key);
    this.#cancel ??= this.#schedule(() => {
      const keys = this.#keys;
      this.#cancel = undefined;
      this.#keys = new Set();
      this.#tell(keys);
    });
  }

  dispose(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#keys.clear();
  }
}
