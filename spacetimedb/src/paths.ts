import { foldersOf, isPlainPath, pathFault, pathKey } from '../../src/core/path.ts';
import { isPathTable, PATH_TABLES } from '../../src/core/path-folding.ts';
import { type Caller, demandScope } from './caller.ts';
import { demand, Refusal } from './refusal.ts';
import type { Database, Row } from './world.ts';

/** Refuses a path that no file of a world may have, or that is outside the caller's scope. */
export function demandPath(caller: Caller, path: string): void {
  const fault = pathFault(path);
  if (fault) throw new Refusal('bad_path', `this cannot be a path in a world (${fault})`);
  demandScope(caller, path);
}

/** The key of a path in this world: what some file system would take for it has the same. */
export function keyOf(db: Database, path: string): string {
  return isPlainPath(path) ? pathKey(path) : pathKey(path, pathTableOf(db));
}

/** A world keeps the table that its history names, so that a newer one moves no file. */
export function pathTableOf(db: Database): number {
  return db.world_format.id.find(FORMAT_ID)?.pathTable ?? PATH_TABLES.first;
}

/** Refuses with `bad_request` a table of a later version. To be called before there is any file. */
export function setPathTable(db: Database, pathTable: number): void {
  demand(isPathTable(pathTable), 'bad_request', `this version has no table ${pathTable} of paths`);
  db.world_format.insert({ id: FORMAT_ID, pathTable });
}

const FORMAT_ID = 1;

/** The living file at a path, or at one that some file system takes for the same. */
export function fileAt(db: Database, path: string): Row<'file_head'> | undefined {
  return db.file_head.pathKey.find(keyOf(db, path)) ?? undefined;
}

/** Refuses unless a file may be put at a path: nothing is there, nor is a folder of it a file. */
export function demandFree(db: Database, path: string): void {
  if (fileAt(db, path)) throw new Refusal('path_taken', 'there is a file at this path');
  demandNoFolderClash(db, path);
}

/**
 * Refuses unless a living file may move to a path. It is not in its own way: `Readme` may become `README`,
 * `a` may become `a/index`, and the last file of the folder `a` may become `a`.
 */
export function demandMovable(db: Database, head: Row<'file_head'>, path: string): void {
  const key = keyOf(db, path);
  if (key === head.pathKey) return;
  if (fileAt(db, path)) throw new Refusal('path_taken', 'there is a file at this path');
  const files = db.folder.pathKey.find(key)?.files ?? 0;
  const own = foldersOf(head.path).some((folder) => keyOf(db, folder) === key) ? 1 : 0;
  demand(files <= own, 'path_taken', 'there is a folder at this path');
  for (const folder of foldersOf(path)) {
    const file = fileAt(db, folder);
    const isFree = !file || file.fileId === head.fileId;
    demand(isFree, 'path_taken', 'a folder of this path is a file');
  }
}

/** Refuses where a file would stand in the place of a folder, or a folder in that of a file. */
export function demandNoFolderClash(db: Database, path: string): void {
  const isFolder = db.folder.pathKey.find(keyOf(db, path)) !== null;
  if (isFolder) throw new Refusal('path_taken', 'there is a folder at this path');
  for (const folder of foldersOf(path)) {
    if (fileAt(db, folder)) throw new Refusal('path_taken', 'a folder of this path is a file');
  }
}

/** Notes in the folders of a path that one file more (1) or less (-1) lives there. */
export function countInFolders(db: Database, path: string, change: 1 | -1): void {
  for (const folder of foldersOf(path)) {
    const key = keyOf(db, folder);
    const row = db.folder.pathKey.find(key);
    const files = (row?.files ?? 0) + change;
    if (!row) db.folder.insert({ pathKey: key, files });
    else if (files > 0) db.folder.pathKey.update({ pathKey: key, files });
    else db.folder.pathKey.delete(key);
  }
}

/** The key under which a deleted file is kept: no path starts with a slash. */
export function deletedKey(fileId: number): string {
  return `/${fileId}`;
}
