/** Owns: the order in which unreviewed work is shown: by agent, turn, file and hunk. Does not know: who shows it. */
import type { IdentityHex } from '../core/op.ts';
import type { FileHead } from '../world/world-rows.ts';
import type { FileReview } from './file-review.ts';
import type { AgentWork, ReviewHunk } from './review-hunk.ts';

/** Agents are in the order of their identities, so that it is the same each time. */
export interface AgentNode {
  readonly agent: IdentityHex;
  /** The newest first; what was done in no known turn last. */
  readonly turns: readonly TurnNode[];
}

export interface TurnNode {
  /** The number of the op that began it; undefined for what was done in no known turn. */
  readonly turn: number | undefined;
  /** By path. */
  readonly files: readonly FileNode[];
}

export interface FileNode {
  readonly head: FileHead;
  readonly hunks: readonly ReviewHunk[];
}

/** One file in a tree, for each work that is in it. */
export interface FileEntry extends FileNode {
  readonly work: AgentWork;
}

/** What a file has to look at, by whose work it is: what two did on the same lines is listed for both. */
export function entriesOf(review: FileReview, head: FileHead): readonly FileEntry[] {
  return review.works(head).map((work) => {
    const { agent, turn } = work;
    const isOfWork = (hunk: ReviewHunk): boolean => hunk.works.some((each) => each.turn === turn);
    return { work, head, hunks: review.hunks(head, { agent, turn }).filter(isOfWork) };
  });
}

export function treeOf(entries: readonly FileEntry[]): readonly AgentNode[] {
  const byAgent = [...Map.groupBy(entries, ({ work }) => work.agent)];
  byAgent.sort(([a], [b]) => (a < b ? -1 : 1));
  return byAgent.map(([agent, own]) => {
    const byTurn = [...Map.groupBy(own, ({ work }) => work.turn)];
    byTurn.sort(([a], [b]) => (b ?? 0) - (a ?? 0));
    const turns = byTurn.map(([turn, files]) => {
      const sorted = files.sort((a, b) => (a.head.path < b.head.path ? -1 : 1));
      return { turn, files: sorted.map(({ head, hunks }) => ({ head, hunks })) };
    });
    return { agent, turns };
  });
}
