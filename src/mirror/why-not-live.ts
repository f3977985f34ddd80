/**
 * Owns: why a file of a folder that is in a world is not live, from what is known of it. Does not know: how that is
 * found out, how it is told.
 */
import type { FileHead } from '../world/world-rows.ts';
import type { FileSight } from './file-sights.ts';
import type { OutsideFile } from './outside-files.ts';

/** The reasons. They are names of sections in docs/what-is-live.md, too, so they stay. */
export const NOT_LIVE = [
  'outside',
  'link',
  'ignored',
  'excluded',
  'temporary',
  'too_large',
  'name',
  'twin',
  'own_repository',
  'special',
  'was_link',
  'in_the_way',
  'strayed',
  'refused',
  'notebook',
  'binary',
  'mixed_line_ends',
  'other_encoding',
  'unbound',
  'unkept',
  'paused',
  'waiting',
] as const;

export type NotLive = (typeof NOT_LIVE)[number];

export interface FileFacts {
  /** Undefined for a file that is in no folder of a world. */
  readonly path: string | undefined;
  /**
   * How this window has it open: `live`, bound to the world; `notebook`; `foreign`, in an encoding that would write
   * the world's text as another one; `unbound`, since the world's text could not be had; `plain`, or not at all.
   */
  readonly shown: 'live' | 'notebook' | 'foreign' | 'unbound' | 'plain';
  /** The world's file at the path. */
  readonly head: Pick<FileHead, 'kind'> | undefined;
  /** What whoever keeps the folder has told of it. */
  readonly outside: OutsideFile['why'] | undefined;
  /** What the disk says; undefined while nobody has looked. */
  readonly sight: FileSight | undefined;
  /** It waits for an answer, as a file whose old text some tool has put back. */
  readonly isWaiting: boolean;
  /** The folder is not kept in step until a question is answered. */
  readonly isPaused: boolean;
  /** Somebody keeps the folder in step, as far as this window knows. */
  readonly isKept: boolean;
}

export type EditorKind = 'text' | 'notebook';

/**
 * One file may be in a notebook and in a text editor at once. `as`: the editor that is asked about; undefined for the
 * file itself, which is not live as long as one of them is not.
 */
export function howShown({
  isNotebook,
  text,
  as,
}: {
  readonly isNotebook: boolean;
  readonly text: Exclude<FileFacts['shown'], 'notebook'>;
  readonly as: EditorKind | undefined;
}): FileFacts['shown'] {
  return isNotebook && as !== 'text' ? 'notebook' : text;
}

/** Undefined for a file that is live, or about to come into the world. */
export function whyNotLive(facts: FileFacts): NotLive | undefined {
  if (facts.path === undefined) return 'outside';
  if (facts.shown === 'live') return undefined;
  return whyNotInWorld(facts) ?? whyNotFollowed(facts);
}

/** True where nothing but a look at the disk tells. */
export function needsSight({ path, shown, head, outside, sight }: FileFacts): boolean {
  if (path === undefined || shown === 'live' || sight !== undefined) return false;
  return head === undefined ? outside === undefined : head.kind === 'binary';
}

function whyNotInWorld({ head, outside, sight, ...folder }: FileFacts): NotLive | undefined {
  // What was in its way may have gone since.
  const isOutside = head === undefined || outside === 'too_large' || outside === 'symlink';
  if (outside !== undefined && isOutside) return REASONS[outside];
  if (head !== undefined || sight === undefined) return undefined;
  if (sight.isLinked) return 'link';
  if (sight.left) return REASONS[sight.left];
  return sight.isThere ? whyNotInStep(folder) : undefined;
}

/** Of a file that the world has. */
function whyNotFollowed({ shown, head, sight, isWaiting, ...folder }: FileFacts) {
  if (head === undefined) return undefined;
  const why = whyNoText(shown, head, sight);
  if (why === undefined) return undefined;
  // What is saved there stays on this disk until then.
  return whyNotInStep(folder) ?? (isWaiting ? 'waiting' : why);
}

function whyNotInStep({ isPaused, isKept }: Pick<FileFacts, 'isPaused' | 'isKept'>) {
  if (!isKept) return 'unkept';
  return isPaused ? 'paused' : undefined;
}

function whyNoText(
  shown: FileFacts['shown'],
  head: Pick<FileHead, 'kind'>,
  sight: FileSight | undefined,
): NotLive | undefined {
  if (shown === 'notebook') return 'notebook';
  if (head.kind === 'binary') return sight?.form ?? 'binary';
  if (shown === 'unbound') return 'unbound';
  return shown === 'foreign' ? 'other_encoding' : undefined;
}

const REASONS: Readonly<Record<OutsideFile['why'] | NonNullable<FileSight['left']>, NotLive>> = {
  symlink: 'link',
  ignored: 'ignored',
  excluded: 'excluded',
  temporary: 'temporary',
  too_large: 'too_large',
  not_utf8: 'name',
  empty: 'name',
  absolute: 'name',
  leaves_world: 'name',
  forbidden_character: 'name',
  git_folder: 'name',
  reserved_name: 'name',
  trailing_dot_or_space: 'name',
  too_long: 'name',
  twin: 'twin',
  submodule: 'own_repository',
  special: 'special',
  was_link: 'was_link',
  in_the_way: 'in_the_way',
  refused: 'refused',
  strayed: 'strayed',
};
