/**
 * What a folder asks the members of a world when a tool put old text back there, or when files went
 * away that nobody is known to have deleted. The module keeps the questions, the mirror acts on the
 * answers.
 */
import type { IdentityHex } from './op.ts';

/**
 * Why a folder asks. `git`: git was at work there. `tool`: something else put old text back.
 * `deleted`: many files went at once. `missing_folder`: the folder is gone or empty.
 * `lfs_pointer`: the pointer of a large file was written over its content.
 */
export type RestorationCause = 'git' | 'tool' | 'deleted' | 'missing_folder' | 'lfs_pointer';

/**
 * `put_back`: the world's text goes into the folder. `take`: what the folder has goes into the world.
 * `leave`: the folder stays as it is and is not kept in step until it is as the world has it, or
 * until somebody gives one of the other answers.
 */
export type RestorationAnswer = 'put_back' | 'take' | 'leave';

/** `open` until it is answered; `withdrawn` when the folder was in step again by itself. */
export type RestorationStatus = 'open' | 'answered' | 'withdrawn';

/** Whether a folder asks, or its tools' writing is taken as any other. */
export type RestorationRule = 'ask' | 'take';

/** One file of a question. */
export interface RestorationItem {
  readonly fileId: number;
  /** As the world had it when the question was asked. */
  readonly path: string;
  readonly what: 'changed' | 'deleted';
}

export const RESTORATION_CAUSES: readonly RestorationCause[] = [
  'git',
  'tool',
  'deleted',
  'missing_folder',
  'lfs_pointer',
];
export const RESTORATION_ANSWERS: readonly RestorationAnswer[] = ['put_back', 'take', 'leave'];

/** So many files and so many members of a question are named; the rest is counted. */
export const RESTORATION_ITEMS = 50;
export const RESTORATION_OWNERS = 32;

/** What a folder asks. */
export interface RestorationQuestion {
  readonly cause: RestorationCause;
  /** The folder's last name, for people who have several; without the path to it. */
  readonly folderName: string;
  /** At most `RESTORATION_ITEMS` of the files, the first ones by path. */
  readonly items: readonly RestorationItem[];
  /** How many files it is about, those that are not named included. */
  readonly fileCount: number;
  /** Whose work would go away, at most `RESTORATION_OWNERS`; they may answer, as owners of the world may. */
  readonly owners: readonly IdentityHex[];
}
