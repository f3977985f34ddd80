/**
 * Owns: what it means that a file others read is replaced, or taken away, and nobody's bytes with it unseen. How is
 * a matter of the system: `posix-exchange.ts`, `windows-exchange.ts`. Does not know: which file, what for.
 */
import type { ModeBits } from './mode-bits.ts';
import type { PinnedFolder } from './pinned-folder.ts';

export interface Expected {
  /** Of what is there now, which is to be replaced; undefined for nothing. */
  readonly hash: string | undefined;
  /** Of what comes in its place. */
  readonly executable: boolean;
  /** Of a new file that was there under another name. */
  readonly bits?: ModeBits | undefined;
}

export type Replaced =
  /** `isParted`: what was there has other names on this disk, and keeps its content under those. */
  | { readonly tag: 'done'; readonly isParted?: boolean }
  /** What is there is not what was expected: nothing was done. */
  | { readonly tag: 'changed' }
  /** Another kind of thing stands in the way. */
  | { readonly tag: 'blocked' }
  /** It is done, and somebody wrote to what was there just before: those bytes are nowhere else now. */
  | { readonly tag: 'late'; readonly bytes: Uint8Array };

/** A name in a folder that is held. */
export interface Place {
  readonly folder: PinnedFolder;
  readonly name: string;
  /** In the world. */
  readonly path: string;
}

/** A file leaves its place. */
export interface Leaving {
  readonly act: () => Promise<void>;
  /** Asked afterwards: true where the file has got another name just before. */
  readonly isElsewhere: () => Promise<boolean>;
  readonly undo: () => Promise<Replaced>;
}

/**
 * Has a file leave its place. No system does so only if it is still the one that was looked at: where a tool gave
 * that another name in between it is undone, and what came of that is returned.
 */
export type GiveWay = (leaving: Leaving) => Promise<Replaced | undefined>;

/** The rules of one kind of system. */
export interface FileExchange {
  /** Replaces a file whole, if it has the expected bytes; without a hash, if there is none. */
  write(place: Place, bytes: Uint8Array, expected: Expected): Promise<Replaced>;
  /** Removes a file that has the bytes of that hash. */
  remove(place: Place, hash: string): Promise<Replaced>;
  /** Removes what it made in the folder and could not remove before. */
  tidy?(): Promise<void>;
}
