/**
 * Owns: noticing that another window of the folder ended and left unsent edits. Does not know: what
 * is done with them.
 */
import type { WorldLog } from '../world/log.ts';
import type { Disposable } from './disposable-store.ts';
import type { DraftFiles } from './draft-files.ts';

export interface LeftWatchParts {
  readonly drafts: Pick<DraftFiles, 'adopt'>;
  /** Calls once after a delay in milliseconds; the returned function cancels it. */
  readonly after: (delayMs: number, fire: () => void) => () => void;
  readonly onFound: () => void;
  readonly output: WorldLog;
}

/** A window that is killed tells nobody: its lock is tried at this distance while it lives. */
const LOOK_MS = 2_000;

export class LeftWatch implements Disposable {
  readonly #parts: LeftWatchParts;
  #cancel: () => void = () => undefined;
  #isDisposed = false;

  constructor(parts: LeftWatchParts) {
    this.#parts = parts;
    void this.look();
  }

  /** Looks now, and again for as long as other windows live. Never rejects. */
  async look(): Promise<void> {
    const { drafts, after, onFound, output } = this.#parts;
    this.#cancel();
    let othersLive = true;
    try {
      const adoption = await drafts.adopt();
      othersLive = adoption.othersLive;
      if (adoption.found && !this.#isDisposed) onFound();
    } catch (error) {
      output.warn('editor.not_adopted', { error: String(error) });
    }
    this.#cancel();
    if (othersLive && !this.#isDisposed) this.#cancel = after(LOOK_MS, () => void this.look());
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#cancel();
  }
}
