import { type Change, type Changes, endOf, normalizeChanges, replace, startOf } from './change.ts';
import {
  advance,
  comparePositions,
  distance,
  endOfInserted,
  isZero,
  offsetIn,
  type Position,
} from './position.ts';

/**
 * One set of changes that does what `first` and then `second` do; `second` is relative to the
 * result of `first`. Text that `first` inserted and `second` deleted leaves no trace.
 */
export function compose(first: Changes, second: Changes): Changes {
  if (first.length === 0) return second;
  if (second.length === 0) return first;
  return new Composer(first).run(second);
}

/**
 * Walks the intermediate text from start to end. It consists of spans kept from the base and of
 * text inserted by `first`; `second` keeps or deletes parts of both and inserts its own.
 */
class Composer {
  readonly #first: Changes;
  #index = 0;
  /** What of the current first change's text has not been passed yet. */
  #inserted = '';
  /** Places in the base and in the intermediate text that have been reached. */
  #base: Position = { line: 0, character: 0 };
  #middle: Position = { line: 0, character: 0 };
  readonly #result: Change[] = [];
  /** The change being put together: from this place in the base, with this text. */
  #open: { start: Position; text: string } | undefined;

  constructor(first: Changes) {
    this.#first = first;
  }

  run(second: Changes): Changes {
    for (const change of second) {
      this.#passTo(startOf(change), true);
      this.#openHere();
      this.#open!.text += change.text;
      this.#passTo(endOf(change), false);
    }
    this.#passRest();
    return normalizeChanges(this.#result);
  }

  #openHere(): void {
    this.#open ??= { start: this.#base, text: '' };
  }

  #close(): void {
    if (!this.#open) return;
    this.#result.push(replace(this.#open.start, this.#base, this.#open.text));
    this.#open = undefined;
  }

  /** Passes the intermediate text up to `target`, keeping it or deleting it. */
  #passTo(target: Position, keep: boolean): void {
    while (comparePositions(this.#middle, target) < 0) {
      if (this.#inserted !== '') this.#passInserted(target, keep);
      else this.#passBase(target, keep);
    }
  }

  #passInserted(target: Position, keep: boolean): void {
    const end = endOfInserted(this.#middle, this.#inserted);
    const stop = comparePositions(end, target) <= 0 ? end : target;
    const length = offsetIn(this.#inserted, distance(this.#middle, stop));
    if (keep) this.#open!.text += this.#inserted.slice(0, length);
    this.#inserted = this.#inserted.slice(length);
    this.#middle = stop;
  }

  /** Passes base text up to the target or the next first change, and enters that change. */
  #passBase(target: Position, keep: boolean): void {
    const change = this.#first[this.#index];
    const left = distance(this.#middle, target);
    const toChange = change ? distance(this.#base, startOf(change)) : undefined;
    if (!change || !toChange || comparePositions(left, toChange) < 0) {
      this.#passKept(left, keep);
      return;
    }
    this.#passKept(toChange, keep);
    this.#enter(change);
  }

  #passKept(length: Position, keep: boolean): void {
    if (isZero(length)) return;
    if (keep) this.#close();
    else this.#openHere();
    this.#base = advance(this.#base, length);
    this.#middle = advance(this.#middle, length);
  }

  #enter(change: Change): void {
    this.#openHere();
    this.#base = endOf(change);
    this.#inserted = change.text;
    this.#index++;
  }

  #passRest(): void {
    for (;;) {
      if (this.#open) this.#open.text += this.#inserted;
      this.#inserted = '';
      const change = this.#first[this.#index];
      if (!change) break;
      if (comparePositions(this.#base, startOf(change)) < 0) this.#close();
      this.#base = startOf(change);
      this.#enter(change);
    }
    this.#close();
  }
}
