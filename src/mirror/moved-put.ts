/**
 * Owns: what is known of the bytes of a file that a window gives another name: what was put under the old name is
 * under the new one, though editors that could not wait may have saved under the old one meanwhile. Does not know:
 * who renames, the world.
 */
import type { DiskFiles } from './disk-files.ts';
import type { FolderLog } from './folder-log.ts';
import { type PutRecord, removedPut } from './folder-log-entry.ts';

/** What was put at a file's path when nobody wrote there any more, or was to wait before they did. */
export interface PutBefore {
  readonly fileId: number;
  readonly path: string;
  readonly last: PutRecord | undefined;
  /** `FolderLog.putCount`. */
  readonly count: number;
}

export interface PutMoveParts {
  readonly files: DiskFiles;
  readonly folderLog: FolderLog;
}

export function putBefore(
  log: FolderLog,
  { fileId, path }: Pick<PutBefore, 'fileId' | 'path'>,
): PutBefore {
  return { fileId, path, last: log.lastPut(path), count: log.putCount(path) };
}

/**
 * The file is at `to` now, in the world too. What was saved under the old name before it went has gone with it; what
 * was saved there after is that file's text at a name which it has no more.
 */
export async function movePut(
  { files, folderLog }: PutMoveParts,
  before: PutBefore,
  to: string,
): Promise<void> {
  const { fileId, path, count } = before;
  await folderLog.refresh();
  const last = folderLog.lastPut(path);
  const isSaved = folderLog.putCount(path) !== count;
  const moved = isSaved ? await files.read(to) : undefined;
  const put = (moved && folderLog.newestPut(path, moved.hash)) ?? before.last;
  if (put?.fileId !== fileId) return;
  const isThereAnew = isSaved && (await files.read(path)) !== undefined;
  await folderLog.append(
    ...folderLog.moved(put, to),
    isThereAnew ? { tag: 'look', path } : removedPut(path, last),
  );
}
