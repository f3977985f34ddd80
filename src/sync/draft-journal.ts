import type { Changes } from '../core/change.ts';
import type { Intent } from '../core/op.ts';

/** One entry of the journal of edits that a world has not taken yet. Plain data, fit for JSON. */
export type JournalRecord =
  /** All unsent edits as they stand, instead of everything recorded before. */
  | {
      readonly tag: 'unsent';
      /** The confirmed version that the first edit is relative to. */
      readonly version: number;
      /** Each relative to the result of the one before. */
      readonly edits: readonly UnsentEdit[];
      /** How many of them, from the first, were sent as the batch `batchId`. */
      readonly sent: number;
      readonly batchId: string;
    }
  /** Typing that went on: composed into the last edit if it has this id, otherwise a new edit. */
  | { readonly tag: 'typed'; readonly edit: UnsentEdit };

export interface UnsentEdit {
  readonly opId: string;
  readonly changes: Changes;
  readonly intent: Intent;
  readonly overlaps: readonly number[];
  readonly carriedFrom: number;
  /** The ticket that the edit belongs to without being in the text; 0 for edits of the text. */
  readonly extends: number;
  readonly typedAtMs: number;
}
