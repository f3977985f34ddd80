import type { IdentityHex } from '../core/op.ts';
import type { GitPerson } from './git-person.ts';

/** A file as a world has it, before git's conversions. */
export interface PlannedFile {
  readonly isExecutable: boolean;
  /** To be called before the next commit is asked for. */
  bytes(): Uint8Array;
}

/** Lines of one author in a file of a commit, both included, counted from 1. */
export interface TracedLines {
  /** Who answers for them. */
  readonly author: IdentityHex;
  /** Nobody is known to have written them. */
  readonly isUnattributed: boolean;
  readonly firstLine: number;
  readonly lastLine: number;
}

/** Who wrote what of a file since the export before. */
export interface FileTrace {
  readonly path: string;
  readonly lines: readonly TracedLines[];
}

/** A file in which people kept what agents did. */
export interface ReviewedPath {
  readonly path: string;
  readonly by: readonly IdentityHex[];
}

/** One commit of an export. Paths are those of the world. */
export interface PlannedCommit {
  readonly author: GitPerson;
  readonly authorSeconds: number;
  readonly committerSeconds: number;
  /** Trailers included. */
  readonly message: string;
  /**
   * The whole tree, as the first of an export has it: all files of the world, and every path that is
   * the world's to say. Otherwise what may be another than in the commit before.
   */
  readonly isWhole: boolean;
  /** Undefined where there is no file any more. */
  readonly files: ReadonlyMap<string, PlannedFile | undefined>;
  readonly people: ReadonlyMap<IdentityHex, GitPerson>;
  readonly traces: readonly FileTrace[];
  /** Undefined where the commit does not name who reviewed its work. */
  readonly reviews?: {
    readonly paths: readonly ReviewedPath[];
    readonly people: readonly GitPerson[];
  };
  /** What agents did in the whole export and nobody has looked at; undefined where the commit tells of none. */
  readonly unreviewed?:
    | {
        readonly changes: number;
        readonly files: number;
        /** The first of the files. */
        readonly paths: readonly string[];
        /** Whose work it is, the first ones. */
        readonly by: readonly GitPerson[];
      }
    | undefined;
}
