import type { IdentityHex } from '../../core/op.ts';
import type { FilePast } from './file-past.ts';
import type { LineHunk } from './line-hunk.ts';
import type { OldLines } from './old-lines.ts';
import type { DiskWrite } from './restoration-judge.ts';

/** A hunk, or a piece of one that was cut. */
export interface JudgedHunk extends Pick<LineHunk, 'from' | 'to' | 'newFrom' | 'newTo'> {
  /** Of what hunk it is. */
  readonly hunk: LineHunk;
  readonly isCut: boolean;
  /** When its lines were what they are made now, newest first. */
  readonly old: readonly OldLines[];
}

/** What puts others' work away by old text, and from which version that is, if from one. */
export interface Finding {
  readonly old: OldLines | undefined;
  readonly version: number;
  readonly owners: Iterable<IdentityHex>;
}

export interface WriteToJudge extends Pick<DiskWrite, 'before' | 'after' | 'changes' | 'byGit'> {
  /** Of the file up to the version that `before` is. */
  readonly past: FilePast;
  /** The folder's own member. */
  readonly own: IdentityHex;
  /** Unix milliseconds. */
  readonly nowMs: number;
}
