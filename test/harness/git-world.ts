import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { exportWorld, type ExportChoice, type ExportReport } from '../../src/git/export-world.ts';
import { Repository } from '../../src/git/repository.ts';
import {
  changeFile,
  createFile,
  deleteFile,
  type FileChanger,
} from '../../src/world/change-file.ts';
import { headCommit } from '../../src/world/folder-base.ts';
import { scanFolder } from '../../src/world/folder-scan.ts';
import { importFolder, type ImportReport } from '../../src/world/import-folder.ts';
import { markGitPoint } from '../../src/world/mark-git-point.ts';
import { detectContent } from '../../src/world/text-format.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { historyOfSession } from '../../src/world/world-history.ts';
import type { WorldSession } from '../../src/world/world-session.ts';

const randomBytes = systemRandomBytes;

/** Brings a folder into an empty world as opening it does. */
export async function bringIn(session: WorldSession, folder: string): Promise<ImportReport> {
  const baseCommit = await headCommit(folder);
  return importFolder({ session, folder, baseCommit, randomBytes });
}

/** Makes the world what its folder is, as somebody's work: what a mirror does bit by bit. */
export async function followFolder(session: WorldSession, folder: string): Promise<void> {
  const changer: FileChanger = { session, randomBytes, author: '' };
  const { files } = await scanFolder(folder);
  const names = new Set(files.map((file) => file.path));
  for (const head of session.view.files.values()) {
    if (!head.deleted && !names.has(head.path)) await deleteFile(changer, head);
  }
  for (const { path: name, executable } of files) {
    const content = detectContent(new Uint8Array(await readFile(path.join(folder, name))));
    const mode = executable ? 'executable' : 'regular';
    const head = session.view.fileAt(name);
    if (head) await changeFile(changer, head, { content, mode });
    else await createFile(changer, name, { content, mode });
  }
}

/** Exports a world into a repository, as the command does. */
export async function exportTo(
  session: WorldSession,
  folder: string,
  choice: Partial<ExportChoice> = {},
): Promise<ExportReport> {
  return exportWorld({
    history: historyOfSession(session),
    repository: await Repository.open(folder),
    choice: { mode: 'one', branch: 'world/lab', message: '', ...choice },
    isBranchNamed: choice.branch !== undefined,
    record: (point) => markGitPoint(session, point, '', randomBytes),
  });
}
