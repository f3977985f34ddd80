import type { FileMode } from '../core/op-payload.ts';

/** What the mirror needs to know of git's state in a folder. `src/git/` tells it; the mirror runs no git. */

/** Something that git began here and that waits for whoever runs it. */
export type GitOperation =
  'rebase' | 'merge' | 'cherry_pick' | 'revert' | 'bisect' | 'apply_mailbox';

/** Somebody as a commit names them. */
export interface GitAuthor {
  readonly name: string;
  readonly email: string;
}

/** Whose commits brought a file's text; `several` where it is not just one person's. */
export type BroughtBy = GitAuthor | 'several';

export interface FolderGit {
  /**
   * True while git changes files here: `index.lock` is there, or HEAD or the index moved within the
   * last 500 ms. Never for longer than 30 s on end. What stands still (a rebase that waits, a bisect)
   * is not work. `sinceMs`: what was seen since then, by `performance.now()`, is new enough; otherwise it is
   * looked at now.
   */
  isAtWork(sinceMs?: number): boolean;
  /** Calls each time that git has come to rest; the returned function ends that. */
  onRest(listener: () => void): () => void;
  /** True when git was at work since a moment, by `performance.now()`. */
  workedSince(sinceMs: number): boolean;
  /** Those of the paths that git marks as not checked out (`skip-worktree`). */
  notCheckedOut(paths: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * Those of the paths at which the index has sides of a conflict, which nobody has resolved yet. `sinceMs` as
   * of `isAtWork`.
   */
  unmerged(paths: readonly string[], sinceMs?: number): Promise<ReadonlySet<string>>;
  /** Those of the paths that are in the index. */
  tracked(paths: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * True when a blob of the repository has just this content, as git would store it, and had it before
   * the file was written: not by a `git add` or a commit of what somebody has just made, nor by a
   * merge or a pull, which bring new text.
   */
  hasBlob(path: string, bytes: Uint8Array): Promise<boolean>;
  /**
   * What the repository had of a file before it was written: the contents where HEAD was then or went
   * back to, in the index and in the newest stash, also in one that was just taken out, as a checkout
   * would write them; at most a few, each once. What programs convert (large file storage) is left
   * out.
   */
  oldContents(path: string): Promise<readonly Uint8Array[]>;
  /**
   * Whose commits a pull, a merge, a rebase, a cherry-pick or a mailbox brought, of which the file is
   * just as they have it, or is gone as in them. Undefined for a file that was written otherwise.
   */
  broughtBy(path: string): Promise<BroughtBy | undefined>;
  /**
   * What the commit before had of such a file, as a checkout would write it: what the file lacks of that was
   * taken out by the commits. Undefined for a file that was written otherwise, or that they have made.
   */
  broughtOver(path: string): Promise<Uint8Array | undefined>;
  /**
   * True where git, as it is set up in this folder, writes a text with CRLF that it stores with LF: by
   * `core.autocrlf`, `core.eol` and attributes.
   */
  givesCrlf(path: string): Promise<boolean>;
  /** False where git goes by its index, and not by the disk, for who may execute a file (`core.fileMode`). */
  trustsModes(): Promise<boolean>;
  /** What the index has of a file as its mode; undefined for one that is not in it. */
  modeOf(path: string): Promise<FileMode | undefined>;
  /** What stands still here, if anything does. */
  operation(): Promise<GitOperation | undefined>;
  dispose(): void;
}

/** What git did on disk is told, and looked at, up to so much later: a machine under load takes its time. */
export const GIT_JUST_NOW_MS = 5_000;

/** Of a folder where no git is. */
export const NO_GIT: FolderGit = {
  isAtWork: () => false,
  onRest: () => () => undefined,
  workedSince: () => false,
  notCheckedOut: () => Promise.resolve(new Set()),
  unmerged: () => Promise.resolve(new Set()),
  tracked: () => Promise.resolve(new Set()),
  hasBlob: () => Promise.resolve(false),
  oldContents: () => Promise.resolve([]),
  broughtBy: () => Promise.resolve(undefined),
  broughtOver: () => Promise.resolve(undefined),
  givesCrlf: () => Promise.resolve(false),
  trustsModes: () => Promise.resolve(true),
  modeOf: () => Promise.resolve(undefined),
  operation: () => Promise.resolve(undefined),
  dispose: () => undefined,
};
