import { type Changes, normalizeChanges } from '../../core/change.ts';
import type { IdentityHex } from '../../core/op.ts';
import type { ReturnedLines } from '../../core/returned-text.ts';
import type { Text } from '../../core/text.ts';

/** A write on disk, before it is known what it is. */
export interface DiskWrite {
  readonly path: string;
  readonly fileId: number;
  /** The version of the world's file that was last put on disk, and its text. */
  readonly version: number;
  readonly before: Text;
  /** What stands on disk now. */
  readonly after: Text;
  /** The same, as the bytes that stand there. */
  readonly bytes: Uint8Array;
  /** From `before` to `after`, minimal and in normal form. */
  readonly changes: Changes;
  /** git was at work when this was written; false where nobody knows. */
  readonly byGit: boolean;
}

/** Text of an older version that stands in a change, at the same place. */
export type ReturnedText = ReturnedLines;

/**
 * What is old of a write. It is a restoration where it puts others' work away; else an edit by which git brings
 * text back that went with the folder's own work.
 */
export interface Restored {
  /**
   * The write's changes, cut so that each puts back old text or does not. They do what those of the
   * write do, are in order and do not overlap; two that touch are not joined.
   */
  readonly changes: Changes;
  /** Those of `changes` that put back what stood there before others' work, by their index; none for an edit. */
  readonly restoring: readonly number[];
  /** Whose work goes away by them, each once, at least one; never the folder's own member. */
  readonly owners: readonly IdentityHex[];
  /** The version that the whole of the text is, where it is one. */
  readonly whole?: number | undefined;
  /** Where the old text comes from, where that is a version of the world. */
  readonly returned: readonly ReturnedText[];
}

/** A text that is all of an older version, and puts away what others did since, and nothing else. */
export interface WholeReturn {
  readonly version: number;
  /** Whose work goes away. */
  readonly owners: readonly IdentityHex[];
}

export interface RestorationJudge {
  /** A write to a file is to be judged soon: what the world may tell of it can be asked by then. */
  expect?(fileId: number, version: number): void;
  /**
   * What is told of a text over a version without comparing the two. Undefined where they have to be compared;
   * else `judge` would say the same.
   */
  wholeReturn(fileId: number, after: Text, version: number): Promise<WholeReturn | undefined>;
  /** Undefined for a write in which nothing is old. */
  judge(write: DiskWrite): Promise<Restored | undefined>;
  /** Whose work goes away with a file: the members who have text in it, the folder's own left out. */
  ownersOf(fileId: number): Promise<readonly IdentityHex[]>;
}

/** What of a write puts nothing back over others' work, in normal form. */
export function freshIn({ changes, restoring }: Pick<Restored, 'changes' | 'restoring'>): Changes {
  const isOld = new Set(restoring);
  return normalizeChanges(changes.filter((_, index) => !isOld.has(index)));
}
