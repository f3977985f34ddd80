import type { GitFrame } from '../core/git-point.ts';
import { BlobCleaner } from './blob-cleaner.ts';
import { BlobReader } from './blob-reader.ts';
import type { Listing, Repository } from './repository.ts';
import { TreeState } from './tree-state.ts';
import { Workbench } from './workbench.ts';

export interface TreeSetting {
  readonly repository: Repository;
  readonly frame: GitFrame;
  /** The commit whose tree is begun from; undefined for none. */
  readonly parent: string | undefined;
  /** The commit that holds what lies outside of the world; undefined where there is none. */
  readonly base: string | undefined;
}

export interface TreeTools {
  readonly tree: TreeState;
  readonly workbench: Workbench;
  readonly blobs: BlobReader;
}

/** Steps from tree to tree, with what that needs; all of it ends with `use`. */
export async function withTree<Result>(
  { repository, frame, parent, base }: TreeSetting,
  use: (tools: TreeTools) => Promise<Result>,
): Promise<Result> {
  const from = await treeOf(repository, parent);
  const carried = base === parent ? new Map(from) : await treeOf(repository, base);
  const workbench = await Workbench.open(repository);
  const blobs = new BlobReader(repository.folder);
  const cleaner = new BlobCleaner(workbench, frame.autoLineEnds, blobs);
  try {
    const tree = new TreeState(frame.folder, cleaner, blobs, { parent: from, carried });
    return await use({ tree, workbench, blobs });
  } finally {
    await cleaner.close();
    await blobs.close();
    await workbench.close();
  }
}

/** What a commit has; nothing for none. */
export async function treeOf(repository: Repository, commit: string | undefined): Promise<Listing> {
  return commit === undefined ? new Map() : repository.listTree(commit);
}
