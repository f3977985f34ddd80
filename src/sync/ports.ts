/**
 * What the binding of a document needs from outside, and nothing it has itself. Owns: the contracts
 * between sync and its two neighbours, the editor and the world. Does not know: VS Code, SpacetimeDB,
 * disks, timers, sockets.
 *
 * For every port: no listener is called from inside a call of one of the port's own methods, and
 * none is called while another listener of the same binding runs. Everything happens on one thread.
 */
import type { Changes } from '../core/change.ts';
import type { Batch, IdentityHex } from '../core/op.ts';
import type { PolicyMode } from '../core/policy.ts';
import type { Text } from '../core/text.ts';
import type { PlaceRange } from './at-hand.ts';
import type { Draft } from './draft.ts';
import type { JournalRecord } from './draft-journal.ts';

/** Takes a listener off again; safe to call more than once. */
export type StopListening = () => void;

/**
 * One open text document of the editor, as the extension host sees it. All texts have LF line ends
 * whatever the document's own are; the port converts both ways.
 */
export interface EditorDocument {
  /** Version after the last event that was delivered. Grows with every change of the text. */
  readonly version: number;
  /** The whole text at `version`. Costs the length of the file: only for opening and for idle times. */
  text(): string;
  /** True while a change was heard of and its event not delivered: `text` is ahead of `version` then. */
  readonly holdsEventsBack: boolean;
  /**
   * Asks the editor to make one edit on the text of `version`, as `workspace.applyEdit` does. When it
   * resolves true, the event of this edit, with version `version + 1`, was delivered before; it says
   * what was made of the edit, which should be the same and need not.
   * When it resolves false nothing was changed by the call, and the events that made the document
   * differ from `version` were delivered before. Never rejects: a document that is gone is false.
   *
   * It is false for as long as keys follow each other faster than a call takes there and back: no editor that
   * this was tried with can hold keys back and keep them in order with all else that its user does.
   */
  apply(changes: Changes, version: number): Promise<boolean>;
  /**
   * Every change of the text, in order, the echoes of `apply` included; none for a mere change of
   * the dirty flag. After the document was closed there are no more.
   */
  onChange(listener: (event: DocumentChange) => void): StopListening;
}

/** One event of a document. */
export interface DocumentChange {
  /** The document's version after the change. One event makes one version; versions have no gaps. */
  readonly version: number;
  /** Relative to the text before, sorted, in normal form, LF only. May be empty. */
  readonly changes: Changes;
  /**
   * `disk`: the editor loaded the file from disk (or reverted to it): the event left the document
   * clean and equal to the disk. Nobody typed that.
   */
  readonly cause: 'edit' | 'undo' | 'redo' | 'disk';
  /** The number of the doubt about who made it (`BindingOptions.makerOf`); without one the user did. */
  readonly doubt?: number | undefined;
  /**
   * Where the cursors were before it, in all editors that show the document; left out where it does not matter
   * (`BindingOptions.suspectsIn`).
   */
  readonly hands?: readonly PlaceRange[] | undefined;
}

/** Who made a change that is in doubt; undefined as long as nobody knows. */
export type Maker = 'user' | { readonly agent: IdentityHex };

/** A text and where in the file's history it stands. */
export interface VersionedText {
  readonly version: number;
  readonly text: Text;
}

/**
 * One file of a world, seen through a session that reconnects by itself. Made for a version that
 * the binding starts from: it delivers what came after that version and nothing older.
 */
export interface WorldFile {
  readonly fileId: number;
  readonly isConnected: boolean;
  readonly policy: PolicyMode;
  /** Version and content hash of the newest head that is known; of a later version than delivered ops at times. */
  readonly head: FileHeadState;
  /**
   * Sends a batch (`apply_file_ops`). The answer comes as an `answered` event; if the connection
   * ends first, a `disconnected` event comes instead and the batch may or may not have been applied.
   * While not connected the call does nothing.
   */
  send(batch: Batch): void;
  /** Delivers again every committed op with a version after `afterVersion`, then goes on as before. */
  replayAfter(afterVersion: number): void;
  /**
   * The file's text at its newest version, from a snapshot and the ops after it; undefined where that is no text.
   * Rejects when not connected.
   */
  readHead(): Promise<VersionedText | undefined>;
  /** The ticket, open or decided, that holds an op of this file; undefined when none is known. */
  ticketOf(opId: string): number | undefined;
  onEvent(listener: (event: WorldFileEvent) => void): StopListening;
}

export interface FileHeadState {
  readonly version: number;
  readonly contentHash: Uint8Array;
}

/**
 * What a world tells about a file, in commit order: when the server judged a batch or made an op,
 * every op of the file that was committed before has been delivered.
 */
export type WorldFileEvent =
  /** An op was committed, own ops included. Versions grow by one; a repeated version is harmless. */
  | { readonly tag: 'committed'; readonly op: CommittedOp }
  /**
   * A batch was answered. The committed ops of an applied batch come before its answer. Repeated
   * answers, and answers to batches of a former connection, are harmless.
   */
  | { readonly tag: 'answered'; readonly batchId: string; readonly answer: BatchAnswer }
  /** The policy of the world changed; delivered in its place between the ops. */
  | { readonly tag: 'policy_changed'; readonly policy: PolicyMode }
  /**
   * Connected again: everything that was committed meanwhile has been delivered just before. Batches
   * that were not answered are sent again by the binding, with the same ids.
   */
  | { readonly tag: 'connected' }
  | { readonly tag: 'disconnected' };

/**
 * One op of the file's history that made a new version: an edit, a resolution that changed the text.
 * With empty changes it made a version without changing the text, or exchanged the whole content:
 * `afterHash` tells which, and the content is read from the head.
 */
export interface CommittedOp {
  readonly opSeq: number;
  readonly opId: string;
  /** The version it made, relative to the one before. */
  readonly version: number;
  readonly changes: Changes;
  /** The file's content hash after it. */
  readonly afterHash: Uint8Array;
}

/** The outcome of a batch as a whole; a repeated batch gets the outcome of the first time. */
export type BatchAnswer =
  /** All ops of the batch are in the history (`applied`, `rebased`). `version` is the last that they made; 0 if none. */
  | { readonly tag: 'applied'; readonly version: number }
  /** Nothing was applied; the batch is in a ticket (`ticket`, and `held` for the ops beside the disputed one). */
  | { readonly tag: 'ticketed'; readonly ticketId: number }
  /** Nothing was applied and nothing kept: a refusal with its stable code, or `internal`. */
  | { readonly tag: 'refused'; readonly code: string; readonly message: string };

/** Makes ids for ops, batches and drafts: UUIDs of version 7 in lower case. */
export interface IdSource {
  next(): string;
}

/** Time, for idle checks and for telling how long an edit was carried; never for the write path. */
export interface Clock {
  /** Unix milliseconds. */
  nowMs(): number;
  /** Calls `fire` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, fire: () => void): () => void;
}

/**
 * Keeps what the world does not have yet, per file of one world and window, on the user's disk.
 * A second window of the same person has a store of its own.
 */
export interface DraftStore {
  /**
   * Appends records to the journal of a file and resolves when they would survive a crash of the
   * window. Called with one append in flight at most. A record with `tag: 'unsent'` makes all
   * records before it worthless: the store may drop them then.
   */
  append(fileId: number, records: readonly JournalRecord[]): Promise<void>;
  /** Keeps a draft, or replaces the one with its id; resolves when it would survive a crash. */
  putDraft(draft: Draft): Promise<void>;
}

/** Facts that go with a log line; never document text. */
export type LogDetails = Readonly<Record<string, string | number | boolean | null>>;

export interface SyncLog {
  debug(message: string, details?: LogDetails): void;
  info(message: string, details?: LogDetails): void;
  warn(message: string, details?: LogDetails): void;
  error(message: string, details?: LogDetails): void;
}
