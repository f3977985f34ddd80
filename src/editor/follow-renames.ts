import * as vscode from 'vscode';
import type { WorldLog } from '../world/log.ts';
import type { FileHead } from '../world/world-rows.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { Disposable } from './disposable-store.ts';
import { FILES_ANSWER_MS, inTime } from './in-time.ts';
import type { DiskFiles } from '../mirror/disk-files.ts';
import type { FolderLog } from '../mirror/folder-log.ts';
import { folderMoves, type PathMove } from '../mirror/folder-moves.ts';
import { movePut, type PutBefore, putBefore } from '../mirror/moved-put.ts';
import { type FileMoveTo, MirrorStopped, mirrorWorldOf } from '../mirror/mirror-world.ts';

export interface FollowRenamesParts {
  readonly session: WorldSession;
  readonly files: DiskFiles;
  readonly folderLog: FolderLog;
  readonly newId: () => string;
  readonly output: WorldLog;
}

/**
 * Tells the world of files and folders that the user renames in this window. From before the rename
 * until the world knows of it both paths are claimed: else the mirror, which sees one file vanish
 * and another appear, might delete a file that somebody types in.
 */
export function followRenames(parts: FollowRenamesParts): Disposable {
  const { session, files, folderLog, newId, output } = parts;
  const ending = new AbortController();
  const world = mirrorWorldOf(session, newId, ending.signal);
  /** Renames that are under way, by the path they start from. */
  const underWay = new Map<string, Promise<UnderWay>>();
  const movesOf = (from: string, to: string): readonly Move[] =>
    [...session.view.files.values()]
      .filter(({ path, deleted }) => !deleted && (path === from || path.startsWith(`${from}/`)))
      .map((file) => ({ file, from: file.path, to: to + file.path.slice(from.length) }));
  const withPut = (move: Move): ClaimedMove => ({ ...move, put: putBefore(folderLog, move.file) });
  const claim = ({ from, to }: RenamedPath): Promise<unknown> => {
    // Now and not later: the world is told which version of each file the user saw.
    const moves = movesOf(from, to);
    const paths = moves.flatMap((move) => [move.file.path, move.to]);
    const claimed = folderLog
      .claimBegun(paths)
      .then((unclaim) => ({ moves: moves.map(withPut), unclaim }));
    underWay.set(from, claimed);
    return claimed;
  };
  const rename = async ({ from, to }: RenamedPath): Promise<void> => {
    const claimed = underWay.get(from);
    underWay.delete(from);
    // The editor may not have waited for it; it has to be given back all the same.
    const found = await claimed?.catch(() => undefined);
    const moves = found?.moves ?? movesOf(from, to).map(withPut);
    try {
      for (const { moves: together } of folderMoves(moves)) {
        const all = together.length > 1 ? await world.renameAll(together.map(moveTo)) : undefined;
        for (const move of together) {
          const verdict = all ?? (await world.rename(move.file, move.to));
          if (verdict.tag === 'applied') await movePut(parts, move.put, move.to);
          else output.warn('editor.rename', { verdict: verdict.tag });
        }
      }
    } finally {
      await found?.unclaim();
    }
  };
  const tell = (error: unknown): void => {
    if (!(error instanceof MirrorStopped)) {
      output.warn('editor.rename_failed', { error: String(error) });
    }
  };
  const pathsOf = (renamed: readonly Renamed[]): readonly RenamedPath[] =>
    renamed.flatMap(({ oldUri, newUri }) => {
      const from = files.relative(oldUri.fsPath);
      const to = files.relative(newUri.fsPath);
      return from === undefined || to === undefined ? [] : [{ from, to }];
    });
  const listeners = [
    vscode.workspace.onWillRenameFiles((event) =>
      event.waitUntil(
        inTime(FILES_ANSWER_MS, () => Promise.all(pathsOf(event.files).map(claim)), tell),
      ),
    ),
    vscode.workspace.onDidRenameFiles((event) => {
      for (const renamed of pathsOf(event.files)) rename(renamed).catch(tell);
    }),
  ];
  return {
    dispose() {
      ending.abort();
      for (const listener of listeners) listener.dispose();
    },
  };
}

type Renamed = vscode.FileRenameEvent['files'][number];

interface RenamedPath {
  readonly from: string;
  readonly to: string;
}

interface Move extends PathMove {
  readonly file: FileHead;
}

function moveTo({ file, to }: Move): FileMoveTo {
  return { file, path: to };
}

interface ClaimedMove extends Move {
  readonly put: PutBefore;
}

interface UnderWay {
  readonly moves: readonly ClaimedMove[];
  readonly unclaim: () => Promise<void>;
}
