import { WorldError } from './world-error.ts';
import type { Outcome } from './world-rows.ts';

/** What became of changes to several files. */
export interface ChangeResult {
  /** Ops that the world took. */
  readonly applied: number;
  /** Others wrote there meanwhile: what waits for a decision. */
  readonly ticketIds: readonly number[];
  readonly refused: readonly { readonly path: string; readonly message: string }[];
}

/** Gathers what the world says to changes that are made one after the other. */
export class ChangeTally {
  #applied = 0;
  readonly #ticketIds = new Set<number>();
  readonly #refused: { readonly path: string; readonly message: string }[] = [];

  /** Rejects only when the world cannot be reached. */
  async add(path: string, act: () => Promise<readonly Outcome[]>): Promise<void> {
    try {
      for (const { ticketId } of await act()) {
        if (ticketId > 0) this.#ticketIds.add(ticketId);
        else this.#applied += 1;
      }
    } catch (error) {
      if (!(error instanceof WorldError) || error.code !== 'refused') throw error;
      this.#refused.push({ path, message: error.message });
    }
  }

  result(): ChangeResult {
    return { applied: this.#applied, ticketIds: [...this.#ticketIds], refused: this.#refused };
  }
}
