import { toHex } from '../core/hash.ts';
import { verifyArchive } from './archive-file.ts';
import { backupWorld, type OpProgress } from './backup.ts';
import { deleteWorld } from './delete-world.ts';
import { openAsPerson, type Server, type Surroundings } from './open-folder.ts';
import type { Profile } from './publish.ts';
import { readHead } from './read-head.ts';
import { restoreInto, type RestoredWorld } from './restore.ts';
import { removeUnfinished, takePlace } from './unfinished-restores.ts';
import { verifyWorld } from './verify-world.ts';
import { WorldError } from './world-error.ts';
import type { KnownWorld } from './world-list.ts';
import type { WorldSession } from './world-session.ts';

export interface MoveOptions {
  readonly world: KnownWorld;
  readonly to: Server;
  readonly profile: Profile;
  /** Deletes the old database once the new one was verified; otherwise it stays, marked as moved. */
  readonly deletesOld: boolean;
  readonly onProgress?: (step: 'reading' | 'writing', progress: OpProgress) => void;
  readonly signal?: AbortSignal;
}

export interface MovedWorld extends RestoredWorld {
  /** False where the old database could not be deleted, or was not to be. */
  readonly isOldDeleted: boolean;
}

/**
 * Takes a world to another server with its whole history, and its folder with it. Until the new one
 * is whole everything is as before. Members have other identities there: they need new invites.
 * Throws `WorldError`: `refused` where somebody wrote in the world meanwhile.
 */
export async function moveWorld(machine: Surroundings, options: MoveOptions): Promise<MovedWorld> {
  const { world, to, signal } = options;
  if (world.server === to.label) {
    throw new WorldError('refused', `The world ${world.name} is at ${to.label} already`);
  }
  await removeUnfinished(machine);
  const session = await openAsPerson(machine, world, signal);
  try {
    demandOwner(session);
    const restored = await copyWorld(machine, session, options);
    const isOldDeleted = options.deletesOld && (await deleteOld(machine, restored.world, options));
    return { ...restored, isOldDeleted };
  } finally {
    session.close();
  }
}

async function copyWorld(
  machine: Surroundings,
  session: WorldSession,
  options: MoveOptions,
): Promise<RestoredWorld> {
  const { world, to, profile, onProgress, signal } = options;
  const cancel = signal === undefined ? {} : { signal };
  const place = await takePlace(machine.worlds.home, world.database);
  try {
    const file = place.archive;
    const { head } = await backupWorld({
      session,
      file,
      onProgress: (progress) => onProgress?.('reading', progress),
      ...cancel,
    });
    const archive = await verifyArchive(file, signal);
    const restoring = {
      file,
      server: to,
      profile,
      onProgress: (progress: OpProgress) => onProgress?.('writing', progress),
      ...cancel,
    };
    return await restoreInto(machine, archive, restoring, async (copy) => {
      const now = await readHead(await session.whenOnline(signal), (newest) => newest);
      if (now.opSeq !== head.opSeq) throw busy(world);
      const moved = { ...copy, folder: world.folder };
      await machine.worlds.move(world, moved);
      return moved;
    });
  } finally {
    await place.release();
  }
}

/** True once the old database is gone: what could not be verified, or was written to, stays. */
async function deleteOld(
  machine: Surroundings,
  moved: KnownWorld,
  { world, signal }: MoveOptions,
): Promise<boolean> {
  const session = await openAsPerson(machine, moved, signal);
  try {
    const verdict = await verifyWorld({ ...machine, session, world: moved });
    if (verdict.tag !== 'verified') {
      machine.log.error('move.not_verified', { database: moved.database, opSeq: verdict.opSeq });
      return false;
    }
  } finally {
    session.close();
  }
  const old = await openAsPerson(machine, world, signal);
  try {
    const head = await readHead(await old.whenOnline(signal), (newest) => newest);
    if (toHex(head.chainHash) !== moved.lastHead?.chainHash) return false;
  } finally {
    old.close();
  }
  await deleteWorld(machine, world, signal);
  return true;
}

function demandOwner(session: WorldSession): void {
  if (session.view.members.get(session.identity)?.role === 'owner') return;
  throw new WorldError('refused', 'Only an owner of a world can move it');
}

function busy({ name }: KnownWorld): WorldError {
  const message = `Somebody wrote in ${name} while it was copied; nothing was moved. Try again.`;
  return new WorldError('refused', message);
}
