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
  /** The disk does not let the folder be kept in step; told once until it does again. */
  | { readonly tag: 'stuck'; readonly path: string; readonly fault: DiskFault };
