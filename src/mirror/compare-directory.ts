import { inLanes } from '../world/in-lanes.ts';
import { scanFolder } from '../world/folder-scan.ts';
import type { WorldSession } from '../world/world-session.ts';
import { DiskFiles } from './disk-files.ts';
import type { FolderGit } from './folder-git.ts';
import { FolderLineEnds } from './folder-line-ends.ts';

/** Where a directory is not as its world, by paths. */
export interface DirectoryDifferences {
  /** There with other content. */
  readonly changed: readonly string[];
  /** In the world and not there; what git leaves out on purpose is not missed. */
  readonly missing: readonly string[];
  /** There and not in the world. */
  readonly added: readonly string[];
}

/** So many files are read at a time. */
const LANES = 16;

/** Compares a directory with the world as the session knows it. Nothing is changed. */
export async function compareDirectory(
  directory: string,
  { view }: Pick<WorldSession, 'view'>,
  git: FolderGit,
  signal: AbortSignal,
): Promise<DirectoryDifferences> {
  const files = new DiskFiles(directory);
  const lineEnds = new FolderLineEnds(git);
  const living = [...view.files.values()].filter((file) => !file.deleted);
  const changed: string[] = [];
  const absent: string[] = [];
  await inLanes(living, LANES, async (head) => {
    signal.throwIfAborted();
    const disk = await files.read(head.path);
    if (disk === undefined) absent.push(head.path);
    else if (!(await lineEnds.haveContentOf(head.path, head, disk.bytes))) changed.push(head.path);
  });
  const leftOut = await git.notCheckedOut(absent);
  const known = new Set(living.map((head) => head.path));
  const { files: found } = await scanFolder(directory, { signal });
  return {
    changed: changed.sort(),
    missing: absent.filter((file) => !leftOut.has(file)).sort(),
    added: found.map((file) => file.path).filter((file) => !known.has(file)),
  };
}
