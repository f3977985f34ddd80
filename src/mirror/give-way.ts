import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { WorldSession } from '../world/world-session.ts';
import { directoryState } from './directory-mirror.ts';
import { DiskFiles } from './disk-files.ts';
import { FolderLog } from './folder-log.ts';

/**
 * Copies files of a folder that somebody was shown and gives up for those of the world, and notes that in the
 * folder's log: the mirror puts the world's there and proposes nothing. `files` are paths in the world.
 */
export async function letGiveWay(
  session: WorldSession,
  place: { readonly home: string; readonly folder: string; readonly copies: string },
  files: readonly string[],
): Promise<void> {
  const disk = new DiskFiles(place.folder);
  const copied = new DiskFiles(place.copies);
  const log = await FolderLog.open(
    await directoryState(place.home, place.folder, session.database),
  );
  for (const file of files) {
    const copy = path.join(place.copies, ...file.split('/'));
    await mkdir(path.dirname(copy), { recursive: true, mode: 0o700 });
    await copyFile(disk.absolute(file), copy);
    const given = await copied.read(file);
    const head = session.view.fileAt(file);
    if (!given || !head) continue;
    const { hash } = given;
    await log.append({ tag: 'judged', path: file, fileId: head.fileId, hash, ticketId: 0 });
  }
}
