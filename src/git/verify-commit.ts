import type { GitFrame } from '../core/git-point.ts';
import { toHex } from '../core/hash.ts';
import type { WorldHistory } from '../world/world-history.ts';
import { type BytePath, showBytePath } from './byte-path.ts';
import { readTrailers } from './commit-message.ts';
import { planned } from './export-world.ts';
import { baseAt, type GitPoints, gitPointsIn } from './git-points.ts';
import type { ExportRange } from './plan-export.ts';
import type { Repository, TreeEntry } from './repository.ts';
import { askGit } from './run-git.ts';
import { withTree } from './with-tree.ts';

export type CommitVerdict =
  | {
      readonly tag: 'verified';
      readonly commit: string;
      readonly files: number;
      readonly opSeq: number;
    }
  /** It has no trailers of an export. */
  | { readonly tag: 'no_export'; readonly commit: string }
  /** Its trailers name another world, or a history that this one is not. */
  | { readonly tag: 'other_world' | 'other_history'; readonly commit: string }
  /** The first file, by its path, that is not what the history says. */
  | {
      readonly tag: 'differs';
      readonly commit: string;
      readonly path: string;
      readonly why: 'changed' | 'mode' | 'missing' | 'extra';
    };

export interface VerifyCommitOptions {
  readonly history: WorldHistory;
  readonly repository: Repository;
  /** Any name of a commit. */
  readonly rev: string;
  readonly signal?: AbortSignal;
}

/**
 * Proves that a commit's tree is what the log says at the chain hash in its trailers. All that is in
 * the world is made again from the history; what lies outside must be as in the base, which the
 * history names by its id. Throws `WorldError` for a history that does not verify, and `GitError`.
 */
export async function verifyCommit(options: VerifyCommitOptions): Promise<CommitVerdict> {
  const { history, repository, rev } = options;
  const commit = await repository.demandCommit(rev);
  const trailers = await trailersOf(repository, commit);
  if (!trailers) return { tag: 'no_export', commit };
  const points = gitPointsIn((await history.notes()).notes);
  const { firstSeq, lastSeq, part } = trailers;
  const mode = part?.by ?? 'one';
  const range: ExportRange = { mode, after: firstSeq - 1, upTo: lastSeq, message: '' };
  const expected = await expectedTree(options, commit, points, range, part?.first ?? 1);
  if (expected.epoch !== trailers.epoch) return { tag: 'other_world', commit };
  if (expected.chainHash !== trailers.chainHash) return { tag: 'other_history', commit };
  const fault = firstDifference(expected.listing, await repository.listTree(commit));
  if (fault) return { tag: 'differs', commit, ...fault };
  return { tag: 'verified', commit, files: expected.listing.size, opSeq: lastSeq };
}

async function expectedTree(
  { history, repository, signal }: VerifyCommitOptions,
  commit: string,
  points: GitPoints,
  range: ExportRange,
  count: number,
) {
  const base = baseAt(points, range.upTo);
  const told = points.exports.find(({ upTo }) => upTo >= range.upTo);
  const frame: GitFrame = told ?? base ?? repository.frame;
  const parent = await treeBefore(repository, commit, range.mode !== 'one');
  return withTree({ repository, frame, parent, base: base?.commit }, async ({ tree }) => {
    const plan = planned(history, range, signal);
    for (let made = 0; ; made++) {
      const next = await plan.next();
      if (next.done === true) {
        const { epoch, head } = next.value;
        return { listing: tree.listing, epoch, chainHash: toHex(head.chainHash) };
      }
      if (made >= count) continue;
      for await (const _ of tree.step(next.value)) continue;
    }
  });
}

/** What an export began on: of commits of parts of the work the one before all of them. */
async function treeBefore(
  repository: Repository,
  commit: string,
  isPart: boolean,
): Promise<string | undefined> {
  let parent = await repository.commitOf(`${commit}^`);
  if (!isPart) return parent;
  const lastSeq = (await trailersOf(repository, commit))?.lastSeq;
  while (parent !== undefined) {
    if ((await trailersOf(repository, parent))?.lastSeq !== lastSeq) break;
    parent = await repository.commitOf(`${parent}^`);
  }
  return parent;
}

async function trailersOf(repository: Repository, commit: string) {
  return readTrailers(await askGit(repository.folder, ['log', '-1', '--format=%B', commit]));
}

function firstDifference(
  expected: ReadonlyMap<BytePath, TreeEntry>,
  actual: ReadonlyMap<BytePath, TreeEntry>,
): { readonly path: string; readonly why: 'changed' | 'mode' | 'missing' | 'extra' } | undefined {
  for (const path of [...new Set([...expected.keys(), ...actual.keys()])].sort()) {
    const [should, is] = [expected.get(path), actual.get(path)];
    if (should?.id === is?.id && should?.mode === is?.mode) continue;
    const why = !is ? 'missing' : !should ? 'extra' : should.id === is.id ? 'mode' : 'changed';
    return { path: showBytePath(path), why };
  }
  return undefined;
}
