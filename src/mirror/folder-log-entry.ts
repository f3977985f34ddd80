import type { WritingEntry } from './announced-writes.ts';
import type { FolderAskEntry } from './folder-asks.ts';
import type { WaitingEntry } from './restorations/waiting-entry.ts';
import type { MirrorEvent } from './mirror-event.ts';
import type { OutsideFile } from './outside-files.ts';
import type { SaveBase, SavedEntry } from './saved-files.ts';

/** What a path's bytes on disk are known to be. */
export interface PutRecord {
  readonly path: string;
  readonly fileId: number;
  /** The version of the world's file that these bytes are; 0 for an editor's text that was none. */
  readonly version: number;
  /** SHA-256 of the bytes, 64 hex digits. */
  readonly hash: string;
  /** Whether the file's owner may execute it, as far as it was looked at. */
  readonly executable?: boolean | undefined;
  /** Of the writing, where whoever told of it has looked at the disk (`stampOf`). */
  readonly stamp?: string | undefined;
  /** How this disk spells the path, where it takes other names for the same and spells it otherwise. */
  readonly spelled?: string | undefined;
}

/** Bytes that something wrote on top of the last put, and that the world did not take. */
export interface JudgedBytes {
  readonly path: string;
  readonly fileId: number;
  /** SHA-256 of the bytes, 64 hex digits. */
  readonly hash: string;
  /** The ticket that has the change; 0 where it was refused. */
  readonly ticketId: number;
  /** What a person's save of these bytes was made of, where that is not what was put last. */
  readonly on?: SaveBase | undefined;
}

/** Bytes that are on disk no more and not in the world yet. */
export interface OverwrittenBytes {
  readonly path: string;
  /** SHA-256 of the bytes, 64 hex digits. */
  readonly hash: string;
  readonly base: PutRecord;
}

/**
 * What was put at a path is there no more. With `put` only that one is meant: who could not wait for a claim may
 * have put something there since.
 */
export interface RemovedEntry {
  readonly tag: 'removed';
  readonly path: string;
  readonly put?: Pick<PutRecord, 'hash' | 'stamp'> | undefined;
}

/** `last`: the put that was known when the path was looked at. */
export function removedPut(path: string, last: PutRecord | undefined): RemovedEntry {
  return { tag: 'removed', path, put: last && { hash: last.hash, stamp: last.stamp } };
}

/** A line of the log that all windows on a folder share. */
export type FolderLogEntry =
  | { readonly tag: 'window'; readonly windowId: string; readonly is: 'opened' | 'ended' }
  /** Written before the bytes, so that a crash in between leaves nothing unexplained. */
  | ({ readonly tag: 'putting' } & PutRecord)
  | ({ readonly tag: 'put' } & PutRecord)
  | RemovedEntry
  /** Somebody makes this file in an editor of theirs: it is no tool's. */
  | { readonly tag: 'made'; readonly path: string }
  /**
   * The file is at another name on disk, which it cannot have in the world: there it stays as it was.
   * `bytePath`: of a name that is not UTF-8, each byte as a character.
   */
  | {
      readonly tag: 'strayed';
      readonly path: string;
      readonly name: string;
      readonly bytePath?: string | undefined;
    }
  /** The world did not take these bytes of the file: they give way to what it has. */
  | ({ readonly tag: 'judged' } & JudgedBytes)
  /**
   * A save is about to replace these bytes, which a tool wrote on top of `base` and which are kept:
   * they are still to be taken in.
   */
  | ({ readonly tag: 'overwritten' } & OverwrittenBytes)
  | { readonly tag: 'taken'; readonly path: string; readonly hash: string }
  | WaitingEntry
  | FolderAskEntry
  | WritingEntry
  | SavedEntry
  /** What a person in any window that has the file open may want to know. */
  | { readonly tag: 'notice'; readonly windowId: string; readonly event: MirrorEvent }
  /** Of these paths, the files are outside of the world; others are not any more. */
  | {
      readonly tag: 'outside';
      readonly paths: readonly string[];
      readonly files: readonly OutsideFile[];
    }
  /** The folder has a settings file that Agent World made: VS Code would notice it late. */
  | { readonly tag: 'settings' }
  /** The system has no watch left for the folder, which is looked at instead; or it is watched, as usual. */
  | { readonly tag: 'watch'; readonly is: 'refused' | 'given' }
  /** Asks whoever keeps the folder to look at a path. */
  | { readonly tag: 'look'; readonly path: string }
  /** Asks a mirror that holds others' changes back to take them in now. */
  | { readonly tag: 'pull'; readonly pullId: string }
  /** They are on disk; how many files have other content than before. */
  | { readonly tag: 'pulled'; readonly pullId: string; readonly files: number }
  /** A command is about to run on the directory's text, which is not to move until it ends. */
  | { readonly tag: 'run'; readonly runId: string }
  /** It does not move any more. */
  | { readonly tag: 'still'; readonly runId: string }
  /**
   * Asks every window that holds the file whether it saved these bytes; `isReplaced`: which something else has
   * replaced since, and which are kept.
   */
  | {
      readonly tag: 'query';
      readonly queryId: string;
      readonly path: string;
      readonly hash: string;
      readonly isReplaced?: boolean | undefined;
    }
  /** The answer no; the answer yes is a put. */
  | {
      readonly tag: 'denial';
      readonly queryId: string;
      readonly path: string;
      readonly windowId: string;
    }
  | { readonly tag: 'claim'; readonly path: string; readonly claimId: string; readonly pid: number }
  | { readonly tag: 'unclaim'; readonly path: string; readonly claimId: string }
  | { readonly tag: 'hold'; readonly path: string; readonly windowId: string; readonly pid: number }
  | { readonly tag: 'release'; readonly path: string; readonly windowId: string };
