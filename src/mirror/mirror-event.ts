import type { DiskFault } from './disk-files.ts';

/** What a person may want to know. */
export type MirrorEvent =
  /** Text that something wrote to disk went into a ticket; the file has the world's text again. */
  | { readonly tag: 'ticketed'; readonly path: string; readonly ticketId: number }
  /** The world did not take what is on disk; the copy has it. */
  | {
      readonly tag: 'refused';
      readonly path: string;
      readonly message: string;
      readonly copy: string;
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
