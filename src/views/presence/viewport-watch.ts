/**
 * Owns: telling the user's own scrolling from everything else that moves lines in an editor. Knows
 * lines and times only, not the editor.
 */
import type { Changes } from '../../core/change.ts';
import { mapPosition } from '../../core/map-position.ts';

/** What the editor does after it was told to show a place: scrolling smoothly, restoring a view. */
const SETTLING_MS = 500;
/** A line at the edge that is seen in part may count or not. */
const TOLERANCE_LINES = 1;

export class ViewportWatch {
  #topLine: number | undefined;
  #movedByUsMs = -Infinity;

  /** The editor is about to show another place, because it was told to. */
  movedByUs(nowMs: number): void {
    this.#movedByUsMs = nowMs;
    this.#topLine = undefined;
  }

  /** The text changed: the lines in sight stay, under other numbers. */
  textChanged(changes: Changes): void {
    if (this.#topLine === undefined) return;
    this.#topLine = mapPosition({ line: this.#topLine, character: 0 }, changes, 'before').line;
  }

  /** The first line in sight is now this one; true when only the user can have moved it. */
  isScrolled(topLine: number, nowMs: number): boolean {
    const before = this.#topLine;
    if (before === undefined || nowMs - this.#movedByUsMs < SETTLING_MS) {
      this.#topLine = topLine;
      return false;
    }
    return Math.abs(topLine - before) > TOLERANCE_LINES;
  }
}
