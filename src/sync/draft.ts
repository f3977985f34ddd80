import type { Changes } from '../core/change.ts';
import type { SubmittedOp } from '../core/op.ts';

/**
 * Text of the user's own, or of an agent of theirs, that a world did not take: kept at the author's side until the author
 * decides. Plain data, fit for JSON.
 */
export interface Draft {
  readonly draftId: string;
  readonly fileId: number;
  /** The refused ops; a later draft of the same text has the same `draftId` and more ops. */
  readonly opIds: readonly string[];
  /** Why: the code of the refusal, and its words for a person. */
  readonly code: string;
  readonly message: string;
  /** Version of the file that `changes` are relative to. */
  readonly version: number;
  readonly changes: Changes;
  /** For each change, the text that it would replace. */
  readonly replaced: readonly string[];
  readonly madeAtMs: number;
  /** Where all of it is the work of one agent: what was sent, so that it can be judged in its name later. */
  readonly agentEdit?: SubmittedOp;
}
