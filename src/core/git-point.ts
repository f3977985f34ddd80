import type { IdentityHex } from './op.ts';
import { PATH_LIMITS, pathFault, utf8Length } from './path.ts';

/** How an export is cut into commits: one in all, one for each author, for each turn, for each checkpoint. */
export type ExportMode = 'one' | 'authors' | 'turns' | 'checkpoints';

/** What `core.autocrlf` of git was where a folder was brought in, or what an export went by. */
export type AutoLineEnds = 'true' | 'input' | 'false';

/** How the paths and bytes of a world are those of a repository. */
export interface GitFrame {
  /** The world's folder in the repository: empty, or with a slash at its end. */
  readonly folder: string;
  readonly autoLineEnds: AutoLineEnds;
}

/** The world has taken in what a commit holds. */
export interface BasePoint extends GitFrame {
  readonly kind: 'base';
  /** In hexadecimal digits. */
  readonly commit: string;
  /** Ops up to this one only repeat the commit. */
  readonly upTo: number;
}

/** The world was written out: everything that the commits are made of, beside the history itself. */
export interface ExportPoint extends GitFrame {
  readonly kind: 'export';
  readonly mode: ExportMode;
  /** Without `refs/heads/`. */
  readonly branch: string;
  readonly parents: readonly string[];
  /** The ops that the commits tell of: after the first number, up to the second. */
  readonly after: number;
  readonly upTo: number;
  /** What somebody wrote in the place of the proposed message; empty where nobody did. */
  readonly message: string;
  /** The last of the commits. */
  readonly commit: string;
  /** The newest op up to which the commits name who reviewed their work; left out where they name nobody. */
  readonly reviewedUpTo?: number;
  /** What agents did in it and nobody has looked at; left out where there was nothing, or nobody looked it up. */
  readonly unreviewed?: UnreviewedExport;
}

/** How much of an export nobody has looked at, as whoever exported found it. */
export interface UnreviewedExport {
  /** Hunks, and what was done to files as a whole. */
  readonly changes: number;
  /** In so many files. */
  readonly files: number;
  /** The first of these, in the order of their ids. */
  readonly fileIds: readonly number[];
  /** The agents whose work it is, the first ones. */
  readonly by: readonly IdentityHex[];
  /** An owner wanted it exported although the world asks for review. */
  readonly isAllowed?: true;
}

/** Where a world meets a repository, as its history keeps it. */
export type GitPoint = BasePoint | ExportPoint;

export const EXPORT_MODES: readonly ExportMode[] = ['one', 'authors', 'turns', 'checkpoints'];
export const AUTO_LINE_ENDS: readonly AutoLineEnds[] = ['true', 'input', 'false'];

/** So many files and so many agents of work that nobody has looked at are named; the files are counted, too. */
export const UNREVIEWED_FILES = 50;
export const UNREVIEWED_AGENTS = 32;

/** UTF-16 code units of a commit's message. */
export const MAX_MESSAGE = 64 * 1024;

/** The author of what comes in from a repository. No key belongs to it: nobody can be this member. */
export const UPSTREAM = {
  identity: '757073747265616d'.padStart(64, '0'),
  name: 'upstream',
} as const;

/** What the history says of an export to whoever reads its notes. */
export function exportText({ commit, branch, unreviewed }: ExportPoint): string {
  const where = `${commit.slice(0, 12)} on ${branch}`;
  if (!unreviewed) return where;
  const { changes, files, isAllowed } = unreviewed;
  const rule = isAllowed ? ', although the world asks for review' : '';
  return `${where}; not looked at: changes ${changes}, files ${files}${rule}`;
}

/** True for a commit's id, of either of git's two hash functions. */
export function isCommitId(text: unknown): text is string {
  return typeof text === 'string' && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/** Reads a point as a caller sent it; undefined for what is none, or has more in it than one has. */
export function parseGitPoint(json: string): GitPoint | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const point = value as Record<string, unknown>;
  const isBase = point['kind'] === 'base';
  const keys = Object.keys(point).sort();
  const needed = keys.filter((key) => isBase || !OPTIONAL_KEYS.has(key)).join();
  const hasKeys = needed === (isBase ? BASE_KEYS : EXPORT_KEYS);
  return hasKeys && isFrame(point) && (isBase || isExport(point)) ? (value as GitPoint) : undefined;
}

const BASE_KEYS = 'autoLineEnds,commit,folder,kind,upTo';
const EXPORT_KEYS = 'after,autoLineEnds,branch,commit,folder,kind,message,mode,parents,upTo';
const OPTIONAL_KEYS: ReadonlySet<string> = new Set(['reviewedUpTo', 'unreviewed']);

function isFrame({ commit, upTo, folder, autoLineEnds }: Record<string, unknown>): boolean {
  const isFolder = typeof folder === 'string' && (folder === '' || isFolderPath(folder));
  const isKnown = AUTO_LINE_ENDS.includes(autoLineEnds as AutoLineEnds);
  return isCommitId(commit) && isOpSeq(upTo) && isFolder && isKnown;
}

function isExport(point: Record<string, unknown>): boolean {
  const { kind, mode, branch, parents, after, message, upTo, reviewedUpTo = upTo } = point;
  const isMode = kind === 'export' && EXPORT_MODES.includes(mode as ExportMode);
  const areParents = Array.isArray(parents) && parents.length <= 2 && parents.every(isCommitId);
  const isMessage = typeof message === 'string' && message.length <= MAX_MESSAGE;
  const isReviewed = isOpSeq(reviewedUpTo) && (reviewedUpTo as number) >= (upTo as number);
  const isRight = isMode && areParents && isMessage && isReviewed && isOpSeq(after);
  return isRight && isBranchName(branch) && isUnreviewed(point);
}

function isUnreviewed({ unreviewed }: Record<string, unknown>): boolean {
  if (unreviewed === undefined) return true;
  if (typeof unreviewed !== 'object' || unreviewed === null) return false;
  const { changes, files, fileIds, by, isAllowed, ...more } = unreviewed as Record<string, unknown>;
  const areCounts = [changes, files].every((each) => isOpSeq(each) && each !== 0);
  const areSome = areNamed(fileIds, UNREVIEWED_FILES, isOpSeq);
  const areAgents = areNamed(by, UNREVIEWED_AGENTS, isIdentity);
  const isFlag = isAllowed === undefined || isAllowed === true;
  return areCounts && areSome && areAgents && isFlag && Object.keys(more).length === 0;
}

/** True for a short list of different things of one kind. */
function areNamed(list: unknown, most: number, isOne: (one: unknown) => boolean): boolean {
  if (!Array.isArray(list) || list.length > most) return false;
  return list.every(isOne) && new Set(list).size === list.length;
}

function isIdentity(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

/** A name that git takes for a branch, and that no shell or refspec reads as something else. */
export function isBranchName(name: unknown): boolean {
  if (typeof name !== 'string' || name.length > 200 || name === '') return false;
  // oxlint-disable-next-line no-control-regex
  const isPlain = !/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|[/.]$|^@$/u.test(name);
  const parts = name.split('/');
  return isPlain && parts.every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}

/** Like a path of a world, but names that not every system can have will do: the repository has them. */
function isFolderPath(folder: string): boolean {
  if (!folder.endsWith('/') || utf8Length(folder) > PATH_LIMITS.pathBytes) return false;
  return folder
    .slice(0, -1)
    .split('/')
    .every((segment) => {
      const fault = pathFault(segment.replaceAll(/[\\<>:"|?*]/g, '_'));
      return fault === undefined || fault === 'reserved_name' || fault === 'trailing_dot_or_space';
    });
}

function isOpSeq(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffffffff;
}
