import { scanFolder } from '../world/folder-scan.ts';
import type { WorldSession } from '../world/world-session.ts';
import { DiskFiles } from '../mirror/disk-files.ts';
import { isContentOf } from '../mirror/file-bytes.ts';

/** A file that is not the same in a folder and in a world. */
export interface FolderDifference {
  /** Relative, with `/`. */
  readonly path: string;
  readonly kind: 'differs' | 'only_here' | 'only_there';
}

/** Compares a folder with a world by content, before the folder is bound to it. Sorted by path. */
export async function compareFolder(
  session: WorldSession,
  folder: string,
): Promise<readonly FolderDifference[]> {
  await session.whenOnline();
  const files = new DiskFiles(folder);
  const scan = await scanFolder(folder);
  const here = new Set(scan.files.map(({ path }) => path));
  const differences: FolderDifference[] = [];
  for (const head of session.view.files.values()) {
    if (head.deleted) continue;
    const disk = await files.read(head.path);
    here.delete(head.path);
    if (disk === undefined) {
      differences.push({ path: head.path, kind: 'only_there' });
      continue;
    }
    if (!isContentOf(head, disk.bytes)) differences.push({ path: head.path, kind: 'differs' });
  }
  for (const path of here) differences.push({ path, kind: 'only_here' });
  return differences.sort((a, b) => (a.path < b.path ? -1 : 1));
}
