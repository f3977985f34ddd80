import * as vscode from 'vscode';
import type { WorldLog } from '../world/log.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { Disposable } from './disposable-store.ts';
import type { DiskFiles } from './mirror/disk-files.ts';
import { MirrorStopped, mirrorWorldOf } from './mirror/mirror-world.ts';

export interface FollowRenamesParts {
  readonly session: WorldSession;
  readonly files: DiskFiles;
  readonly newId: () => string;
  readonly output: WorldLog;
}

/** Tells the world of files and folders that the user renames in this window. */
export function followRenames({ session, files, newId, output }: FollowRenamesParts): Disposable {
  const ending = new AbortController();
  const world = mirrorWorldOf(session, newId, ending.signal);
  const rename = async (from: string, to: string): Promise<void> => {
    const moved = [...session.view.files.values()].filter(
      ({ path, deleted }) => !deleted && (path === from || path.startsWith(`${from}/`)),
    );
    for (const file of moved) {
      const verdict = await world.rename(file, to + file.path.slice(from.length));
      if (verdict.tag !== 'applied') output.warn('editor.rename', { verdict: verdict.tag });
    }
  };
  const listener = vscode.workspace.onDidRenameFiles(({ files: renamed }) => {
    for (const { oldUri, newUri } of renamed) {
      const from = files.relative(oldUri.fsPath);
      const to = files.relative(newUri.fsPath);
      if (from === undefined || to === undefined) continue;
      rename(from, to).catch((error: unknown) => {
        if (!(error instanceof MirrorStopped)) {
          output.warn('editor.rename_failed', { error: String(error) });
        }
      });
    }
  });
  return {
    dispose() {
      ending.abort();
      listener.dispose();
    },
  };
}
