import type { Delta, Journal, StoredDatabase, StoredProgram, StoredRow } from './journal.ts';

/**
 * Keeps a database in memory, for simulations: `crash` gives what a journal on disk would have
 * left, so that a restart can be played.
 */
export class MemoryJournal implements Journal {
  #program: StoredProgram | null = null;
  readonly #rows = new Map<number, StoredRow>();
  readonly #sequences = new Map<string, Delta['sequences'][number]>();
  #pending: Delta[] = [];

  read(): StoredDatabase | null {
    if (this.#program === null) return null;
    return {
      program: this.#program,
      rows: [...this.#rows.values()],
      sequences: [...this.#sequences.values()],
    };
  }

  install(program: StoredProgram, delta: Delta): void {
    this.#program = program;
    this.commit([delta], true);
  }

  commit(deltas: readonly Delta[], durable: boolean): void {
    this.#pending.push(...deltas);
    if (!durable) return;
    for (const delta of this.#pending) this.#apply(delta);
    this.#pending = [];
  }

  close({ keepUnwritten }: { readonly keepUnwritten: boolean }): void {
    if (keepUnwritten) this.commit([], true);
  }

  /** Forgets what was never made durable. */
  crash(): void {
    this.#pending = [];
  }

  #apply(delta: Delta): void {
    for (const id of delta.deletes) this.#rows.delete(id);
    for (const row of delta.puts) this.#rows.set(row.id, row);
    for (const next of delta.sequences) this.#sequences.set(`${next.tableId}.${next.column}`, next);
  }
}
