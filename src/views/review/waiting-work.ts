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
import { Coalescer, nextTurn } from '../coalescer.ts';

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
    new Coalescer<'look'>(nextTurn, () => void this.#waiting.look(this.#ending.signal)),
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
    const look = (): void => this.#soon.mark('look');
    this.#store.addStop(
      session.view.openTurns.turns.onChange(({ after }) => {
        if (!after) look();
      }),
    );
    this.#store.addStop(
      // What could not be done for want of a connection is tried again.
      session.onState(({ tag }) => {
        if (tag === 'online') look();
      }),
    );
    look();
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
}
