import type { GitFrame } from '../core/git-point.ts';
import { agentTrace, TRACE_REF } from './agent-trace.ts';
import { readTrailers } from './commit-message.ts';
import { FastImport } from './fast-import.ts';
import type { PlannedCommit } from './planned-commit.ts';
import type { Repository } from './repository.ts';
import type { TreeState } from './tree-state.ts';
import { withTree } from './with-tree.ts';

export interface WriteOptions {
  readonly repository: Repository;
  readonly frame: GitFrame;
  /** Commits that the first one follows. */
  readonly parents: readonly string[];
  /** The commit that holds what lies outside of the world; undefined where there is none. */
  readonly base: string | undefined;
  /** Whether there may be many commits of the same files. */
  readonly isLong: boolean;
}

/** A commit that is in the repository, but that no ref leads to yet. */
export interface WrittenCommit extends Pick<PlannedCommit, 'author' | 'message' | 'traces'> {
  readonly id: string;
  /** How many it changes. */
  readonly files: number;
}

export interface WrittenCommits {
  /** In their order; none where nothing has changed since the parent. */
  readonly commits: readonly WrittenCommit[];
  /** The new tip of the notes, and the one that it was made on. */
  readonly notes: { readonly tip: string; readonly before: string | undefined } | undefined;
}

type WithMark = Omit<PlannedCommit, 'files'> & { readonly mark: number; readonly files: number };

/**
 * Writes planned commits and the notes of who wrote them into a repository, through one process of
 * `git fast-import`. No ref of the repository is touched. Throws `GitError`.
 */
export async function writeCommits<Result>(
  plan: AsyncGenerator<PlannedCommit, Result>,
  options: WriteOptions,
): Promise<WrittenCommits & { readonly planned: Result }> {
  const { repository, frame } = options;
  const setting = { repository, frame, parent: options.parents[0], base: options.base };
  // The history is read while git lists what is there.
  const first = plan.next();
  first.catch(() => {});
  return withTree(setting, async ({ tree, workbench }) => {
    const importer = new FastImport(workbench, options.isLong);
    try {
      const { written, planned } = await writeTrees(
        { first, plan },
        tree,
        importer,
        options.parents,
      );
      const ids = await importer.idsOf(written.map(({ mark }) => mark));
      const notes = await writeNotes(written, ids, importer, options);
      await importer.finish();
      const commits = written.map(({ author, message, traces, files }, index) => {
        return { id: ids[index]!, author, message, traces, files };
      });
      return { commits, notes, planned };
    } finally {
      importer.abandon();
    }
  });
}

/** A plan whose first commit is on its way. */
interface CommitPlan<Result> {
  readonly first: Promise<IteratorResult<PlannedCommit, Result>>;
  readonly plan: AsyncGenerator<PlannedCommit, Result>;
}

async function writeTrees<Result>(
  { first, plan }: CommitPlan<Result>,
  tree: TreeState,
  importer: FastImport,
  parents: readonly string[],
) {
  const written: WithMark[] = [];
  for (let coming = first; ; coming = plan.next()) {
    const next = await coming;
    if (next.done === true) return { written, planned: next.value };
    const { files: _, ...commit } = next.value;
    const isFirst = written.length === 0;
    const header = { ...commit, ref: OWN_REF, committer: commit.author };
    const begin = (): Promise<number> =>
      importer.commit({ ...header, parents: isFirst ? parents : [] });
    // Two parents are brought together by a commit, whether its tree is new or not.
    let mark = isFirst && parents.length > 1 ? await begin() : undefined;
    let changes = 0;
    for await (const { path, entry, bytes } of tree.step(next.value)) {
      mark ??= await begin();
      changes++;
      if (entry) await importer.putFile(path, entry.mode, bytes ?? entry.id);
      else importer.removeFile(path);
    }
    if (mark !== undefined) written.push({ ...commit, mark, files: changes });
  }
}

/** Notes of all commits, in one commit behind those that are there. */
async function writeNotes(
  written: readonly WithMark[],
  commits: readonly string[],
  importer: FastImport,
  { repository, frame }: WriteOptions,
): Promise<WrittenCommits['notes']> {
  const last = written.findLast(({ traces }) => traces.length > 0);
  if (!last) return undefined;
  const before = await repository.refOf(TRACE_REF);
  const { author, committerSeconds: seconds } = last;
  const header = { author, authorSeconds: seconds, committer: author, committerSeconds: seconds };
  const message = 'Who wrote which lines\n';
  const parents = before === undefined ? [] : [before];
  const mark = await importer.commit({ ...header, ref: TRACE_REF, message, parents });
  for (const [index, commit] of written.entries()) {
    const isTold = commit.traces.length > 0 || commit.reviews?.paths.length || commit.unreviewed;
    if (!isTold) continue;
    const { epoch, chainHash } = readTrailers(commit.message)!;
    const context = {
      commit: commits[index]!,
      seconds: commit.committerSeconds,
      epoch,
      chainHash,
      folder: frame.folder,
      people: commit.people,
      reviews: commit.reviews,
      unreviewed: commit.unreviewed,
    };
    await importer.putNote(commit.mark, Buffer.from(agentTrace(commit.traces, context)));
  }
  const [tip] = await importer.idsOf([mark]);
  return { tip: tip!, before };
}

const OWN_REF = 'refs/heads/export';
