/**
 * Owns: that the mirror does not go round in a circle. A path that the mirror looks at again of its own
 * accord, after it did something, must be in a state that it has not been in since somebody else, or the
 * time, last gave a reason to look: so after the last such reason the looks end, for a state is made of
 * what the mirror itself changes. Does not know: what is done about a path.
 */
import { hash } from 'node:crypto';

export class OwnLooks {
  /** The hashes of the states at the looks since the last reason from outside, by path; there may be thousands. */
  readonly #states = new Map<string, readonly string[]>();
  /** Paths that there is a new reason to look at, which has not been done since. */
  readonly #reasons = new Set<string>();

  /** Somebody else, or the time, gives a reason to look at the path. */
  reason(path: string): void {
    this.#reasons.add(path);
  }

  /** The path is about to be looked at: a reason that is given from now on is for the next look. */
  begins(path: string): void {
    if (this.#reasons.delete(path)) this.#states.delete(path);
  }

  /** True for a path that was looked at in this state already, and for no new reason. */
  isCircle(path: string, state: string): boolean {
    const states = this.#states.get(path) ?? [];
    const seen = hash('sha256', state, 'base64');
    if (states.includes(seen)) return true;
    this.#states.set(path, [...states, seen]);
    return false;
  }

  /** Nothing is left to look at. */
  ended(): void {
    this.#states.clear();
  }
}
