import { UPSTREAM } from '../core/git-point.ts';
import { type FilePlace, placeAfter, placeOf } from '../core/file-place.ts';
import { readPayload } from '../core/op-payload.ts';
import type { WorldHistory } from '../world/world-history.ts';
import { changesFile } from './export-fold.ts';

/** Which files of a world are those of its base, and what others did to them. */
export interface BaseFiles {
  /** The file that is at a path of the base. */
  idAt(path: string): number | undefined;
  /** The last op on a file that came from nobody's repository; 0 for none. */
  lastOwnOp(fileId: number): number;
}

/**
 * Follows a history from the first base on: what came from the repository says where its files are,
 * whatever the world renamed since.
 */
export async function baseFiles(
  history: WorldHistory,
  first: { readonly upTo: number },
): Promise<BaseFiles> {
  const places = new Map<number, FilePlace>();
  const ids = new Map<string, number>();
  const lastOwn = new Map<number, number>();
  for await (const ops of history.ops()) {
    for (const op of ops) {
      if (op.fileId === 0 || !changesFile(op)) continue;
      const isBase = op.opSeq <= first.upTo || op.author === UPSTREAM.identity;
      if (!isBase) lastOwn.set(op.fileId, op.opSeq);
      if (op.payload === '') continue;
      const before = places.get(op.fileId);
      const after =
        op.kind === 'create'
          ? placeOf(readPayload('create', op.payload))
          : // Only its path is asked for.
            before && placeAfter(before, op, 0);
      if (!after) continue;
      places.set(op.fileId, after);
      if (!isBase) continue;
      if (before && ids.get(before.path) === op.fileId) ids.delete(before.path);
      if (!after.deleted) ids.set(after.path, op.fileId);
    }
  }
  return {
    idAt: (path) => ids.get(path),
    lastOwnOp: (fileId) => lastOwn.get(fileId) ?? 0,
  };
}
