import { readdir } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { WorldLog } from '../world/log.ts';
import type { Disposable } from './disposable-store.ts';
import { FILES_ANSWER_MS, inTime } from './in-time.ts';
import type { DiskFiles } from '../mirror/disk-files.ts';
import type { FolderLog } from '../mirror/folder-log.ts';

export interface FollowCreatesParts {
  readonly files: DiskFiles;
  readonly folderLog: FolderLog;
  readonly output: WorldLog;
}

/**
 * Notes which files the user makes in this window, or moves into the folder from elsewhere, before they are there: the
 * mirror, which only sees that a file has come, takes any other for the work of some tool.
 */
export function followCreates({ files, folderLog, output }: FollowCreatesParts): Disposable {
  const note = (made: readonly string[]): Promise<void> =>
    folderLog.append(
      ...made.flatMap((file) => {
        const inFolder = files.relative(file);
        return inFolder === undefined ? [] : [{ tag: 'made', path: inFolder } as const];
      }),
    );
  const failed = (error: unknown): void =>
    output.warn('editor.create_not_noted', { error: String(error) });
  const movedIn = async (renamed: vscode.FileRenameEvent['files']): Promise<void> => {
    for (const { oldUri, newUri } of renamed) {
      const [from, to] = [oldUri.fsPath, newUri.fsPath];
      if (files.relative(from) !== undefined || files.relative(to) === undefined) continue;
      await note((await filesAt(from)).map((file) => path.join(to, path.relative(from, file))));
    }
  };
  const { workspace } = vscode;
  const listeners = [
    workspace.onWillCreateFiles((event) =>
      event.waitUntil(
        inTime(FILES_ANSWER_MS, () => note(event.files.map(({ fsPath }) => fsPath)), failed),
      ),
    ),
    workspace.onWillRenameFiles((event) =>
      event.waitUntil(inTime(FILES_ANSWER_MS, () => movedIn(event.files), failed)),
    ),
  ];
  return {
    dispose() {
      for (const listener of listeners) listener.dispose();
    },
  };
}

/** Of a folder with more, the rest counts as a tool's. */
const MOST_FILES = 5_000;

/** A file, or those below a folder, through no link. */
async function filesAt(file: string): Promise<readonly string[]> {
  const found: string[] = [];
  const folders = [file];
  for (
    let folder = folders.pop();
    folder !== undefined && found.length < MOST_FILES;
    folder = folders.pop()
  ) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
    // It is no folder.
    if (entries === undefined) found.push(folder);
    for (const entry of entries ?? []) {
      const inside = path.join(folder, entry.name);
      if (entry.isDirectory()) folders.push(inside);
      else found.push(inside);
    }
  }
  return found.slice(0, MOST_FILES);
}
