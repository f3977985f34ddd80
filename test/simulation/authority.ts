import type { Changes } from '../../src/core/change.ts';
import type { Batch, SubmittedOp } from '../../src/core/op.ts';
import type { Position } from '../../src/core/position.ts';
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

/** A ticket as a window shows it to somebody who decides. */
export interface Disputed {
  readonly refusedId: string;
  readonly ticketId: number;
  readonly headVersion: number;
  /** The place in the head of that version. */
  readonly start: Position;
  readonly end: Position;
  readonly baseText: string;
  readonly refusedText: string;
  readonly currentText: string;
}

/** The world's side of one file: it judges batches and keeps the history. */
export interface Authority {
  readonly policy: PolicyMode;
  /** Version n is made by the op at index n − 2; version 1 is the start. */
  readonly history: readonly HistoryOp[];
  tickets(): readonly Ticket[];
  /** Tickets that somebody has decided, as they were. */
  decided?(): readonly Ticket[];
  /** What can be decided now, where that can be. */
  disputed?(): readonly Disputed[];
  /** Puts a text in place of both sides. Answers `ok`, or why not. */
  decide?(actor: string, opId: string, shown: Disputed, text: string): Promise<string>;
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
