import type { LineEnd } from '../../core/op-payload.ts';
import type { OtherEnds } from '../../core/other-ends.ts';
import type { IdentityHex } from '../../core/op.ts';
import type {
  RestorationAnswer,
  RestorationCause,
  RestorationQuestion,
} from '../../core/restoration.ts';
import type { PutRecord } from '../folder-log-entry.ts';

/** A version of a file as bytes. */
export interface LeftVersion {
  readonly version: number;
  readonly eol: LineEnd;
  readonly otherEnds?: OtherEnds;
  readonly bom: boolean;
}

/** A file whose disk is not taken in, and at which nothing is put, until somebody answers. */
export interface WaitingFile {
  readonly path: string;
  readonly fileId: number;
  readonly what: 'changed' | 'deleted';
  /** SHA-256 of the bytes that the tool left there; empty for a deleted file. */
  readonly hash: string;
  /** What of the world these bytes are; without it they are kept. */
  readonly left?: LeftVersion | undefined;
  /** What was last put there. */
  readonly base: PutRecord;
  /**
   * SHA-256 of the base with what is new in these bytes, and without what is old: a text that is kept.
   * Empty where nothing is new.
   */
  readonly kept: string;
  readonly owners: readonly IdentityHex[];
  readonly cause: RestorationCause;
  /** git was at work when this was written: who answers may do so much later. */
  readonly byGit?: boolean | undefined;
  /** A UUID: what happened at once has the same. The question about it is asked under this id. */
  readonly event: string;
}

/** Lines of the folder's log about what waits for an answer. A put at a path, or its removal, ends that too. */
export type WaitingEntry =
  | ({ readonly tag: 'waits' } & WaitingFile)
  /** The path waits no more. */
  | { readonly tag: 'waited'; readonly path: string }
  /** The folder is gone, or empty, and waits as a whole. */
  | { readonly tag: 'folder_waits'; readonly event: string }
  | { readonly tag: 'folder_waited'; readonly event: string }
  /** Before the question is asked: asked again after a crash it is the same. */
  | { readonly tag: 'asking'; readonly event: string; readonly ask: RestorationQuestion }
  | { readonly tag: 'asked'; readonly event: string; readonly question: number }
  /** An answer was told and is acted on. */
  | { readonly tag: 'answered'; readonly question: number; readonly answer: RestorationAnswer }
  /** The question is over, and done with. */
  | { readonly tag: 'concluded'; readonly event: string }
  /**
   * What a file's answer sends is about to be sent: the bytes on disk, which are kept, and the id of
   * the op. Sent again after a crash it is the same op.
   */
  | {
      readonly tag: 'sending';
      readonly path: string;
      readonly hash: string;
      readonly answer: Exclude<RestorationAnswer, 'leave'>;
      readonly opId: string;
    };
