import { bringBackFile, deleteFile, type FileChanger, renameFile } from './change-file.ts';
import { type ChangeResult, ChangeTally } from './change-tally.ts';
import { restoreVersion } from './restore-version.ts';
import type { ChangedFile } from './version-at.ts';

/**
 * Makes files what they were at a point of the history, as the changer's own work: what was made since
 * goes, what is gone comes back, names and contents are what they were. What others do at the same
 * time is judged as ever. Rejects only when the world cannot be reached.
 */
export async function restoreAllFiles(
  changer: FileChanger,
  changed: readonly ChangedFile[],
): Promise<ChangeResult> {
  const tally = new ChangeTally();
  const files = changer.session.view.files;
  const there = changed.filter(({ wasThere }) => wasThere);
  // Places become free before others take them.
  for (const { head, wasThere } of changed) {
    if (!wasThere) await tally.add(head.path, () => deleteFile(changer, head));
  }
  for (const { head } of there) {
    if (head.deleted) await tally.add(head.path, () => bringBackFile(changer, head));
  }
  for (const { head, pathThen } of there) {
    const now = files.get(head.fileId) ?? head;
    if (now.path !== pathThen && !now.deleted) {
      await tally.add(pathThen, () => renameFile(changer, now, pathThen));
    }
  }
  for (const { head, versionThen } of there) {
    const { fileId, version, deleted } = files.get(head.fileId) ?? head;
    if (version === versionThen || deleted) continue;
    await tally.add(head.path, () => restoreVersion(changer, { fileId, version: versionThen }));
  }
  return tally.result();
}
