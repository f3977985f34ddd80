import type { RestorationAnswer, RestorationCause } from '../core/restoration.ts';
import type { IdentityHex } from '../core/op.ts';
import type { DiskFault } from './disk-files.ts';

/** What a person may want to know. */
export type MirrorEvent = FileEvent | RestorationEvent;

/** What the mirror could not do about a file. */
export type FileEvent =
  /** Text that something wrote to disk went into a ticket; the file has the world's text again. */
  | { readonly tag: 'ticketed'; readonly path: string; readonly ticketId: number }
  /** The world did not take what is on disk; the copy has it, or, where none is named, it is there yet. */
  | {
      readonly tag: 'refused';
      readonly path: string;
      readonly code: string;
      readonly message: string;
      readonly copy: string;
      /** What the world added for programs. */
      readonly details?: Readonly<Record<string, unknown>>;
    }
  /**
   * The directory had so many files with other content when it was joined: the world's is there now, and
   * copies are kept; that of the first is named.
   */
  | {
      readonly tag: 'replaced';
      readonly path: string;
      readonly copy: string;
      readonly files: number;
    }
  /**
   * Others' edit was put in the place of a file that has other names on this disk (hard links): those keep what
   * it was.
   */
  | { readonly tag: 'parted'; readonly path: string }
  /** A text was written with mixed line ends: it was taken in, and is there with even ones now. */
  | { readonly tag: 'evened'; readonly path: string }
  /**
   * It is in the folder only: the world has the file `other`, whose name some file systems take for the same.
   * What it has is proposed for that one in a ticket.
   */
  | {
      readonly tag: 'twin';
      readonly path: string;
      readonly other: string;
      readonly ticketId: number;
    }
  /**
   * A file got a name in the folder that it cannot have in the world, where it is kept as `path`, until its
   * name in the folder is another.
   */
  | {
      readonly tag: 'strayed';
      readonly path: string;
      readonly name: string;
      /** A fault of the name, or the code of a refusal. */
      readonly why: string;
    }
  /**
   * A folder that got another name is one now with a folder that others called so, or made, at the same time;
   * `files`: how many of theirs are in it.
   */
  | {
      readonly tag: 'joined';
      readonly path: string;
      readonly name: string;
      readonly files: number;
    }
  /**
   * git has these files in conflict: they are taken in once it has them as resolved, and others keep what they
   * have until then. Each is told once for a conflict; `more` names some of those beside `path`, `count` is
   * how many there are in all.
   */
  | {
      readonly tag: 'unmerged';
      readonly path: string;
      readonly more: readonly string[];
      readonly count: number;
    }
  /**
   * The disk does not let these paths be kept in step; each is told once until it does again. `more`
   * names some of those beside `path`; `count` is how many there are in all.
   */
  | {
      readonly tag: 'stuck';
      readonly path: string;
      readonly fault: DiskFault;
      readonly more: readonly string[];
      readonly count: number;
    };

/** What became of a tool's writing that put old text back, or of files that went away. */
export type RestorationEvent =
  /** The files wait for an answer: nothing of them is taken in, or put, until then. */
  | {
      readonly tag: 'asked';
      readonly question: number;
      readonly cause: RestorationCause;
      /** The first of them, and how many they are. */
      readonly files: readonly string[];
      readonly fileCount: number;
      /** Whose work would go away. */
      readonly owners: readonly IdentityHex[];
    }
  | {
      readonly tag: 'answered';
      readonly question: number;
      readonly answer: RestorationAnswer;
    }
  /** The folder is not kept in step, since the answer was to leave it as it is; or it is again. */
  | { readonly tag: 'left'; readonly question: number; readonly is: 'paused' | 'resumed' }
  /** The folder was in step again by itself: nobody needs to answer. */
  | { readonly tag: 'withdrawn'; readonly question: number };
