import path from 'node:path';
import { systemCode } from '../../host/host-error.ts';
import { snapshotWorld } from '../../world/snapshot-world.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { isEmptyFolder, writeTree } from '../../world/write-tree.ts';
import { done, refused, type Reply } from './answer.ts';

export interface SnapshotRequest {
  /** Absolute; a new folder, or an empty one. */
  readonly folder: string;
  /** As of this op; as it is now without it. */
  readonly opSeq?: number | undefined;
}

/** Puts all files into a folder as they are at one point, for builds and tests. Throws `WorldError`. */
export async function snapshotInto(
  session: WorldSession,
  { folder, opSeq }: SnapshotRequest,
  signal: AbortSignal,
): Promise<Reply> {
  if (!path.isAbsolute(folder)) {
    return refused('bad_path', `${JSON.stringify(folder)} is no absolute path of a folder.`);
  }
  try {
    if (!(await isEmptyFolder(folder))) {
      return refused('path_taken', `${folder} is not empty.`, ['Name a new folder.']);
    }
    const snapshot = await snapshotWorld(session, opSeq, signal);
    const written = await writeTree(snapshot, folder, signal);
    const body = { kind: 'snapshot', folder, opSeq: snapshot.opSeq, ...written } as const;
    return done(
      `${folder} has the world’s ${written.files} files as of op ${snapshot.opSeq}.`,
      body,
    );
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    return refused('bad_path', `${folder} cannot be written (${code}).`, ['Name another folder.']);
  }
}
