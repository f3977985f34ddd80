import type { Changes } from '../../src/core/change.ts';
import type { Batch, SubmittedOp } from '../../src/core/op.ts';
import type { PolicyMode } from '../../src/core/policy.ts';
import type { Text } from '../../src/core/text.ts';
import type { BatchAnswer, CommittedOp } from '../../src/sync/ports.ts';

/** An op of the history, with what only the oracle looks at. */
export interface HistoryOp extends CommittedOp {
  readonly actor: string;
  readonly atMs: number;
  readonly overwrote: readonly number[];
}

/** A ticket as it stands. */
export interface Ticket {
  readonly ticketId: number;
  readonly actor: string;
  readonly atMs: number;
  readonly reason: string;
  readonly policy: PolicyMode;
  readonly overlapping: readonly number[];
  /** The ops as they were first sent. */
  readonly ops: readonly SubmittedOp[];
  readonly baseVersion: number;
  /** All that is proposed, relative to the base version. */
  readonly proposed: Changes;
}

/** The world's side of one file: it judges batches and keeps the history. */
export interface Authority {
  readonly policy: PolicyMode;
  /** Version n is made by the op at index n − 2; version 1 is the start. */
  readonly history: readonly HistoryOp[];
  tickets(): readonly Ticket[];
  textAt(version: number): Text;
  ticketOf(opId: string): number | undefined;
  submit(actor: string, batch: Batch): Promise<BatchAnswer>;
  setPolicy(policy: PolicyMode): Promise<void>;
  /** Pauses a member, whose edits are refused then, or lets it go on. */
  setPaused(actor: string, isPaused: boolean): Promise<void>;
  /** Deletes the file, so that edits become tickets, or restores it. */
  setDeleted(isDeleted: boolean): Promise<void>;
  /** Ends and starts again with nothing but what was acknowledged. */
  restart(): Promise<void>;
  close(): Promise<void>;
}
