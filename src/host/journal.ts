/** A row as the journal keeps it: ids are never used for another row. */
export interface StoredRow {
  readonly id: number;
  readonly tableId: number;
  readonly bytes: Buffer;
}

/** The next value of an auto-increment column. */
export interface StoredSequence {
  readonly tableId: number;
  readonly column: number;
  readonly next: bigint;
}

/** What one transaction changed, as far as it is kept. */
export interface Delta {
  /** Ids of rows that are gone. */
  readonly deletes: readonly number[];
  readonly puts: readonly StoredRow[];
  readonly sequences: readonly StoredSequence[];
  /** Some of the rows that are gone or replaced held what must leave nothing behind on disk. */
  readonly erases?: true;
}

/** The module a database runs, and the numbers of its tables by name. */
export interface StoredProgram {
  readonly source: string;
  readonly tableIds: ReadonlyMap<string, number>;
}

export interface StoredDatabase {
  readonly program: StoredProgram;
  readonly rows: Iterable<StoredRow>;
  readonly sequences: readonly StoredSequence[];
}

/**
 * Keeps a database. All methods are synchronous; each throws when the storage fails. Then only
 * `close` may follow, and what is stored is all that was promised, plus possibly whole later commits.
 */
export interface Journal {
  /** What is stored; null before the first `install`. */
  read(): StoredDatabase | null;
  /** Makes a program, and what it changed, durable at once and together. */
  install(program: StoredProgram, delta: Delta): void;
  /** Keeps deltas, in order, after all before them. On disk on return when `durable`. */
  commit(deltas: readonly Delta[], durable: boolean): void;
  /**
   * Lets go of the storage, after making everything durable; or, where a write failed before and
   * memory cannot be trusted to match, leaving it as it is.
   */
  close(options: { readonly keepUnwritten: boolean }): void;
}
