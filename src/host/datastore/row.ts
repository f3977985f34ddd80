import type { Key } from './key.ts';

/** A stored row. Immutable once it is in a table, but for its id, which commit gives. */
export interface Row {
  /** The row's number in the journal; 0 until it is first committed. */
  id: number;
  /** BSATN of all columns. */
  readonly bytes: Buffer;
  /** One key per index of its table, in the same order. */
  readonly keys: readonly Key[];
}
