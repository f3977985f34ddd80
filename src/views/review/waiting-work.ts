/**
 * Owns: carrying out what a window is to take back at the end of agents' turns, also after a reload. Does not know: how
 * it is shown.
 */
import type * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { DecisionResult, Review } from '../../review/review.ts';
import type { ReviewHunk, ShownHunk } from '../../review/review-hunk.ts';
import { WaitingDecisions } from '../../review/waiting-decisions.ts';
import { Coalescer, within } from '../coalescer.ts';

/** Nobody is told of a turn's end: while something waits for one it is asked for so often. */
const BETWEEN_LOOKS_MS = 1_000;

export interface WaitingWorkOptions {
  readonly state: vscode.Memento;
  readonly onChange: () => void;
  readonly onDone: (result: DecisionResult<ShownHunk>) => void;
}

export class WaitingWork implements Disposable {
  readonly #store = new DisposableStore();
  readonly #ending = new AbortController();
  readonly #waiting: WaitingDecisions;
  readonly #soon = this.#store.add(
    new Coalescer<'look'>(within(BETWEEN_LOOKS_MS), () => void this.#look()),
  );

  constructor(
    { session, world }: FolderWorld,
    review: Review,
    { state, onChange, onDone }: WaitingWorkOptions,
  ) {
    const key = `waitingTakeBacks ${world.server} ${world.database}`;
    this.#waiting = new WaitingDecisions({
      session,
      review,
      shelf: {
        read: () => state.get(key),
        write: (wishes) => void state.update(key, wishes.length > 0 ? wishes : undefined),
      },
      onChange,
      onDone,
    });
    this.#soon.mark('look');
  }

  isWaiting(hunk: ReviewHunk): boolean {
    return this.#waiting.isWaiting(hunk);
  }

  /** False where more would wait than is kept. */
  add(hunks: readonly ReviewHunk[], words: string): boolean {
    const isAdded = this.#waiting.add(hunks, words);
    this.#soon.mark('look');
    return isAdded;
  }

  withdraw(hunks: readonly ReviewHunk[]): void {
    this.#waiting.withdraw(hunks);
  }

  dispose(): void {
    this.#ending.abort();
    this.#store.dispose();
  }

  async #look(): Promise<void> {
    const { signal } = this.#ending;
    await this.#waiting.look(signal);
    if (this.#waiting.size > 0 && !signal.aborted) this.#soon.mark('look');
  }
}
