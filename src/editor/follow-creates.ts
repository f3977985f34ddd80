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
 * Notes which files the user makes in this window, before they are there: the mirror, which only sees
 * that a file has come, takes any other for the work of some tool.
 */
export function followCreates({ files, folderLog, output }: FollowCreatesParts): Disposable {
  return vscode.workspace.onWillCreateFiles((event) => {
    const made = event.files
      .map(({ fsPath }) => files.relative(fsPath))
      .filter((path) => path !== undefined)
      .map((path) => ({ tag: 'made', path }) as const);
    const failed = (error: unknown): void =>
      output.warn('editor.create_not_noted', { error: String(error) });
    event.waitUntil(inTime(FILES_ANSWER_MS, () => folderLog.append(...made), failed));
  });
}
