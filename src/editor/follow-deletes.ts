import * as vscode from 'vscode';
import type { WorldLog } from '../world/log.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { BoundDocuments } from './bound-documents.ts';
import type { Disposable } from './disposable-store.ts';
import { FILES_ANSWER_MS, inTime, within } from './in-time.ts';
import type { DiskFiles } from '../mirror/disk-files.ts';
import type { FolderLog } from '../mirror/folder-log.ts';
import { type PutRecord, removedPut } from '../mirror/folder-log-entry.ts';
import { MirrorStopped, mirrorWorldOf } from '../mirror/mirror-world.ts';

export interface FollowDeletesParts {
  readonly session: WorldSession;
  readonly documents: BoundDocuments;
  readonly files: DiskFiles;
  readonly folderLog: FolderLog;
  readonly newId: () => string;
  readonly output: WorldLog;
}

/**
 * Tells the world of files and folders that the user deletes in this window, or moves out of the folder, with the
 * version that the window had of each: the mirror, which only sees a file vanish, cannot know what was seen. Until
 * the world has judged, the path is claimed, so that the mirror waits.
 */
export function followDeletes(parts: FollowDeletesParts): Disposable {
  const { session, documents, files, folderLog, newId, output } = parts;
  const ending = new AbortController();
  const world = mirrorWorldOf(session, newId, ending.signal);
  const deletions = new Map<string, Promise<readonly Deletion[]>>();
  const claim = async (path: string): Promise<readonly Deletion[]> => {
    const heads = [...session.view.files.values()].filter(
      (head) => !head.deleted && (head.path === path || head.path.startsWith(`${path}/`)),
    );
    // What the user has typed is what they saw, also where the world does not have it yet.
    const open = heads.flatMap(({ fileId }) => documents.ofFile(fileId) ?? []);
    await within(SENT_MS, Promise.all(open.map((bound) => bound.settled())));
    const seen = heads.map((head) => ({
      path: head.path,
      fileId: head.fileId,
      version: documents.ofFile(head.fileId)?.binding?.state.confirmed.version ?? head.version,
    }));
    return Promise.all(
      seen.map(async (file) => {
        const unclaim = await folderLog.claim(file.path);
        return { ...file, last: folderLog.lastPut(file.path), unclaim };
      }),
    );
  };
  const begin = (path: string): Promise<unknown> => {
    const claimed = claim(path);
    deletions.set(path, claimed);
    return claimed;
  };
  const finish = async (path: string): Promise<void> => {
    const claimed = deletions.get(path);
    deletions.delete(path);
    // The editor may not have waited for the claims; they have to be given back all the same.
    const deleted = (await claimed) ?? [];
    for (const file of deleted) {
      try {
        const verdict = await world.remove(file.fileId, file.version);
        // Also when the world keeps the file: then the mirror puts it back as a new one.
        await folderLog.append(removedPut(file.path, file.last));
        if (verdict.tag !== 'applied') tellKept(file.path);
      } finally {
        await file.unclaim();
        await folderLog.append({ tag: 'look', path: file.path });
      }
    }
  };
  const tell = (error: unknown): void => {
    if (error instanceof MirrorStopped) return;
    output.warn('editor.delete_failed', { error: String(error) });
  };
  const pathsOf = (uris: readonly vscode.Uri[]): readonly string[] =>
    uris.flatMap(({ fsPath }) => files.relative(fsPath) ?? []);
  const movedOut = (renamed: vscode.FileRenameEvent['files']): readonly string[] =>
    pathsOf(
      renamed
        .filter(({ newUri }) => files.relative(newUri.fsPath) === undefined)
        .map(({ oldUri }) => oldUri),
    );
  const will = (paths: readonly string[]): Promise<unknown> => Promise.all(paths.map(begin));
  const did = (paths: readonly string[]): void => {
    for (const path of paths) finish(path).catch(tell);
  };
  const { workspace } = vscode;
  const listeners = [
    workspace.onWillDeleteFiles((event) =>
      event.waitUntil(inTime(FILES_ANSWER_MS, () => will(pathsOf(event.files)), tell)),
    ),
    workspace.onDidDeleteFiles((event) => did(pathsOf(event.files))),
    workspace.onWillRenameFiles((event) =>
      event.waitUntil(inTime(FILES_ANSWER_MS, () => will(movedOut(event.files)), tell)),
    ),
    workspace.onDidRenameFiles((event) => did(movedOut(event.files))),
  ];
  return {
    dispose() {
      ending.abort();
      for (const listener of listeners) listener.dispose();
    },
  };
}

/** So long a deletion waits for what the user typed in the file just before it. */
const SENT_MS = 1_000;

interface Deletion {
  readonly path: string;
  readonly fileId: number;
  /** The version that the user saw. */
  readonly version: number;
  readonly last: PutRecord | undefined;
  readonly unclaim: () => Promise<void>;
}

function tellKept(path: string): void {
  const text = vscode.l10n.t(
    '{0} was not deleted: somebody changed it at the same time, or claims it. It is put back.',
    path,
  );
  void vscode.window.showWarningMessage(text);
}
