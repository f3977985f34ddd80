import {
  type BasePoint,
  type ExportMode,
  type ExportPoint,
  type GitFrame,
  MAX_MESSAGE,
  type UnreviewedExport,
} from '../core/git-point.ts';
import { nativeHash } from '../world/native-hash.ts';
import { LOG_FAULTS } from '../world/log-faults.ts';
import { WorldError } from '../world/world-error.ts';
import type { WorldHistory } from '../world/world-history.ts';
import { bytesOf } from '../world/write-tree.ts';
import { TRACE_REF } from './agent-trace.ts';
import { GitError } from './git-error.ts';
import { baseAt, type GitPoints, gitPointsIn, noBase, type Told } from './git-points.ts';
import { moveRefs } from './move-refs.ts';
import { type ExportRange, PlanFault, type PlannedRange, planExport } from './plan-export.ts';
import type { PlannedCommit } from './planned-commit.ts';
import type { Repository } from './repository.ts';
import { writeCommits, type WrittenCommits } from './write-commits.ts';

/** What somebody chose for an export. */
export interface ExportChoice {
  readonly mode: ExportMode;
  /** Without `refs/heads/`. */
  readonly branch: string;
  /** Empty for the proposed one. */
  readonly message: string;
}

/** A world, a repository, and what somebody chose. */
export interface ExportQuestion {
  readonly history: WorldHistory;
  readonly repository: Repository;
  readonly choice: ExportChoice;
  /** The newest op to be written out, where it is not the newest of all. */
  readonly upTo?: number | undefined;
  /** Whether commits name who reviewed their work: a world's module has to know of that. */
  readonly namesReviewers?: boolean | undefined;
  /** What agents did up to there and nobody has looked at, which the commits tell. */
  readonly unreviewed?: UnreviewedExport | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ExportOptions extends ExportQuestion {
  /** Somebody named the branch: it gets the last export also where nothing is new. */
  readonly isBranchNamed?: boolean;
  /** Writes into the history what was chosen: when the refs can be moved, before any has. */
  readonly record: (point: ExportPoint) => Promise<void>;
}

export interface ExportReport {
  /** `again` for an export that the history told of already, and that is as it was. */
  readonly outcome: 'exported' | 'again' | 'nothing';
  readonly branch: string;
  /** The branch's tip now; undefined where there is no export at all. */
  readonly commit: string | undefined;
  /** How many commits were made for what was new. */
  readonly commits: number;
  readonly files: number;
}

/**
 * Writes a world out as commits on a branch of its own. The same history, base and choice give the
 * same commits on every machine. Neither index nor working tree nor what is checked out is touched;
 * refs move at the very end, together. Throws `GitError` and `WorldError`.
 */
export async function exportWorld(options: ExportOptions): Promise<ExportReport> {
  const { repository, choice, record } = options;
  const setting = await exportSetting(options);
  const { points, before } = setting;
  const { point, written } = await newExport(options, setting);
  if (written.commits.length === 0) {
    const branch = options.isBranchNamed || !before ? choice.branch : before.branch;
    if (before) await settleAgain(repository, points, before, branch);
    const outcome = before ? 'again' : 'nothing';
    return { outcome, branch, commit: before?.commit, commits: 0, files: 0 };
  }
  const tip = await demandFree(repository, points, choice.branch);
  const { branch, commit } = point;
  const noted = written.notes
    ? [{ ref: TRACE_REF, from: written.notes.before, to: written.notes.tip }]
    : [];
  const moves = [...noted, { ref: `refs/heads/${branch}`, from: tip, to: commit }];
  const isOurs = await moveRefs(repository, moves, async () => {
    await record(point);
    const { exports, late } = gitPointsIn((await options.history.notes()).notes);
    const isIt = (each: ExportPoint): boolean => each.commit === commit;
    return exports.some(isIt) || !late.some(isIt);
  });
  // Somebody else was quicker: theirs is the history's, and this one is to follow it.
  if (!isOurs) return exportWorld(options);
  const { commits } = written;
  const files = commits.reduce((sum, each) => sum + each.files, 0);
  return { outcome: 'exported', branch, commit, commits: commits.length, files };
}

/** On what an export would stand, and what it would be about. */
export interface ExportSetting {
  readonly points: GitPoints;
  readonly before: Told<ExportPoint> | undefined;
  readonly base: Told<BasePoint> | undefined;
  readonly frame: GitFrame;
  readonly parents: readonly string[];
  readonly range: ExportRange;
}

/** Finds that out, and brings the repository to where the history says it was. Throws `GitError`. */
export async function exportSetting(question: ExportQuestion): Promise<ExportSetting> {
  const { history, repository, choice } = question;
  if (choice.message.length > MAX_MESSAGE) {
    const why = `The message is longer than ${MAX_MESSAGE} characters`;
    throw new GitError('bad_message', `${why}: say less`);
  }
  const { headSeq, notes } = await history.notes();
  const points = gitPointsIn(notes);
  const before = await replayExports(question, points);
  const upTo = Math.min(question.upTo ?? headSeq, headSeq);
  const base = baseAt(points, upTo);
  // Commits that have nothing to do with those that are there would be of no use to anybody.
  if (!base && !before && (await repository.head()) !== undefined) throw noBase();
  const frame: GitFrame = base ?? before ?? repository.frame;
  const parents = await parentsOf(repository, base, before);
  const after = before?.upTo ?? points.bases[0]?.upTo ?? 0;
  const { mode, message } = choice;
  const reviewed = question.namesReviewers ? { reviewedUpTo: upTo } : {};
  const { unreviewed } = question;
  const range = { mode, after, upTo, message, unreviewed, ...reviewed };
  return { points, before, base, frame, parents, range };
}

/** Whether there may be many commits. */
function isLongIn({ mode }: Pick<ExportChoice, 'mode'>): boolean {
  return mode === 'checkpoints' || mode === 'turns';
}

/** What a new export would be, in the repository already but on no ref. */
export async function newExport(
  { history, repository, choice, signal }: ExportQuestion,
  { frame, parents, base, range }: ExportSetting,
): Promise<{ readonly point: ExportPoint; readonly written: WrittenCommits }> {
  const isLong = isLongIn(choice);
  const settings = { repository, frame, parents, base: base?.commit, isLong };
  const written = await writeCommits(planned(history, range, signal), settings);
  const { folder, autoLineEnds } = frame;
  const commit = written.commits.at(-1)?.id ?? '';
  const upTo = written.planned.mark?.opSeq ?? 0;
  const chosen = { ...choice, folder, autoLineEnds };
  const { after, reviewedUpTo, unreviewed } = range;
  const reviewed = {
    ...(reviewedUpTo !== undefined && { reviewedUpTo }),
    ...(unreviewed && { unreviewed }),
  };
  const point = { kind: 'export', ...chosen, parents, after, upTo, commit, ...reviewed } as const;
  return { written, point };
}

/** The commits of a range, with what is wrong in the history told as others tell it. */
export async function* planned(
  history: WorldHistory,
  range: ExportRange,
  signal?: AbortSignal,
): AsyncGenerator<PlannedCommit, PlannedRange> {
  const cancel = signal === undefined ? {} : { signal };
  try {
    return yield* planExport(history, range, {
      hash: nativeHash,
      bytesOf: (file, partOf) => bytesOf({ partOf }, file),
      ...cancel,
    });
  } catch (error) {
    if (!(error instanceof PlanFault)) throw error;
    const { opSeq, kind } = error.fault;
    const message = `The world does not verify: op ${opSeq}: ${LOG_FAULTS[kind]}`;
    throw new WorldError('damaged', message, { cause: error });
  }
}

/**
 * Makes the exports that the history tells of, as far as the repository does not have them: another
 * machine did them, or this one was broken off. Returns the last one.
 */
async function replayExports(
  { repository, history, signal }: ExportQuestion,
  points: GitPoints,
): Promise<Told<ExportPoint> | undefined> {
  const last = points.exports.at(-1);
  for (const point of points.exports) {
    const isThere = (await repository.commitOf(point.commit)) !== undefined;
    if (isThere && (point !== last || (await repository.hasNote(TRACE_REF, point.commit))))
      continue;
    for (const parent of point.parents) await repository.demandCommit(parent);
    const base = baseAt(points, point.upTo)?.commit;
    const isLong = isLongIn(point);
    const settings = { repository, frame: point, parents: point.parents, base, isLong };
    const { commits, notes } = await writeCommits(planned(history, point, signal), settings);
    const made = commits.at(-1)?.id ?? 'nothing';
    if (made !== point.commit) {
      throw new GitError(
        'not_reproduced',
        `Op ${point.opSeq} tells of the commit ${point.commit}, but its ops make ${made} here: do git's filters differ?`,
      );
    }
    if (notes) await moveRefs(repository, [{ ref: TRACE_REF, from: notes.before, to: notes.tip }]);
  }
  return last;
}

/** The last export, and the base where it came in after that and is not a part of it. */
async function parentsOf(
  repository: Repository,
  base: Told<BasePoint> | undefined,
  before: Told<ExportPoint> | undefined,
): Promise<readonly string[]> {
  if (base) await repository.demandCommit(base.commit);
  if (!before) return base ? [base.commit] : [];
  if (!base || base.opSeq < before.opSeq) return [before.commit];
  if (await repository.isAncestor(base.commit, before.commit)) return [before.commit];
  if (await repository.isAncestor(before.commit, base.commit)) return [base.commit];
  return [before.commit, base.commit];
}

/** A branch that somebody else made, went on with, or has checked out is not ours to move. */
async function demandFree(
  repository: Repository,
  points: GitPoints,
  branch: string,
): Promise<string | undefined> {
  const found = await repository.branch(branch);
  if (!found) return undefined;
  const { tip, isSymbolic, isCheckedOut } = found;
  if (isSymbolic || !points.exports.some(({ commit }) => commit === tip)) {
    const why = `The branch ${branch} has commits that no export made`;
    throw new GitError('branch_taken', `${why}; export to another branch`);
  }
  if (!isCheckedOut) return tip;
  const why = `The branch ${branch} is checked out`;
  throw new GitError('branch_taken', `${why}: check out another, or export to another branch`);
}

/**
 * Brings a branch to the last export where that has all there is: another branch was chosen, the
 * export was broken off before its branch moved, or somebody deleted the branch.
 */
async function settleAgain(
  repository: Repository,
  points: GitPoints,
  { commit }: ExportPoint,
  branch: string,
): Promise<void> {
  const ref = `refs/heads/${branch}`;
  const tip = await repository.refOf(ref);
  if (tip === commit || (tip && (await repository.isAncestor(commit, tip)))) return;
  await demandFree(repository, points, branch);
  await moveRefs(repository, [{ ref, from: tip, to: commit }]);
}
