/**
 * Owns: what a binding of a document to a file is made of, and what it tells of itself. Does not
 * know: how it works.
 */
import type { Changes } from '../core/change.ts';
import type { Hash } from '../core/hash.ts';
import type { Text } from '../core/text.ts';
import type { PlaceRange } from './at-hand.ts';
import type { RefusedEdit } from './document-state.ts';
import type { UnsentEdits } from './draft-journal.ts';
import type { WaitingKeys } from './pending-edit.ts';
import type {
  Clock,
  DraftStore,
  EditorDocument,
  IdSource,
  Maker,
  SyncLog,
  VersionedText,
  WorldFile,
} from './ports.ts';
import type { UndoKind, UndoStack } from './undo-stack.ts';

/** What a binding works with. */
export interface BindingPorts {
  readonly document: EditorDocument;
  readonly file: WorldFile;
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly drafts: DraftStore;
  readonly log: SyncLog;
  readonly hash: Hash;
}

/** What a binding starts from. */
export interface BindingStart {
  /** The file's text at the version after which `WorldFile` delivers: that of `unsent`, else the head's. */
  readonly base: VersionedText;
  /** What `readJournal` found of an earlier window. */
  readonly unsent?: UnsentEdits | undefined;
  /** The text at `sentBaseVersion(unsent)`, if that is a version. */
  readonly sentBase?: Text | undefined;
  /**
   * What the document has beyond the base and the unsent edits and is the user's own, such as text
   * that was never saved. Any other difference between document and world gives way to the world.
   */
  readonly unsaved?: Changes;
  /** The number of the doubt about who made `unsaved`, where there is one. */
  readonly unsavedDoubt?: number | undefined;
  /** The user's steps from when the document was open before, relative to the text it starts from. */
  readonly steps?: UndoStack | undefined;
  /** The document was open before: the editor may remember what others did to it. */
  readonly isReopened?: boolean;
}

export interface BindingOptions {
  /** How long a document rests before it is compared with the world. */
  readonly idleMs: number;
  /**
   * `fatal`, for tests, checks the state's equation at every step, which costs the length of the
   * file, and throws when it breaks, or tells `onBroken`. `recover` logs and starts over.
   */
  readonly invariants: 'fatal' | 'recover';
  readonly onBroken?: (error: unknown) => void;
  /** `apart` keeps a finer history, with more and smaller ops, of who types faster than the world answers. */
  readonly waitingKeys: WaitingKeys;
  /**
   * Called when the editor undid, or made again, by itself whatever came last, others' work included.
   * It is given that back, together with what `takeBack` is called for in here. Left out, that is
   * the user's last step.
   */
  readonly onNativeUndo?: (kind: UndoKind) => void;
  /**
   * Who made what is in doubt under a number, as far as it is known; left out, the user. Who learns more calls
   * `DocumentBinding.makersKnown`.
   */
  readonly makerOf?: (doubt: number) => Maker | undefined;
  /** Which of an edit's changes are in doubt by themselves; left out, none. */
  readonly suspectsIn?: (
    changes: Changes,
    hands: readonly PlaceRange[],
    text: Text,
  ) => { readonly indexes: readonly number[]; readonly doubt: number } | undefined;
}

/** What others may want to follow: undo, decorations, the status bar. */
export type BindingUpdate =
  /**
   * The editor's text changed: by the user, by the world, by a load from disk, or because steps of
   * the user's were taken back or made again.
   */
  | {
      readonly tag: 'text';
      readonly by: 'user' | 'undo' | 'world' | 'disk';
      readonly changes: Changes;
      readonly before: Text;
      /** By the world, and nobody's new text: the editor was given back what it had. */
      readonly isCorrection?: boolean;
    }
  /** An edit of the user's was put in a ticket or refused, or more text joined it. */
  | { readonly tag: 'refused'; readonly edit: RefusedEdit }
  /**
   * The file is no text in the world any more. What the world did not have of the user's is a draft, and the binding
   * does nothing from now on.
   */
  | { readonly tag: 'not_text' }
  /** Anything else changed, such as what is sent or waiting. */
  | { readonly tag: 'progress' };
