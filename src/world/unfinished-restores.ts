import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type LockAttempt, type ProcessLock, tryLock } from '../host/process-lock.ts';
import { deleteWorld } from './delete-world.ts';
import type { Surroundings } from './open-folder.ts';
import { restoresFolder } from './restores-folder.ts';
import { WorldError } from './world-error.ts';

/**
 * The place of one restore: its lock, which ends with its process however that ends, and whatever
 * files it needs meanwhile.
 */
export interface RestorePlace {
  /** Absolute; a file there belongs to the restore. */
  readonly archive: string;
  /** Lets go of the place and removes its files. */
  release(): Promise<void>;
}

/** Takes the place of a restore that is to make `database`. */
export async function takePlace(home: string, database: string): Promise<RestorePlace> {
  await mkdir(restoresFolder(home), { recursive: true, mode: 0o700 });
  const lock = await placeLock(lockIn(home, database));
  return {
    archive: path.join(restoresFolder(home), `${database}.archive`),
    release: () => clear(home, database, lock.kind === 'held' ? lock : undefined),
  };
}

/** Nobody else makes a database of this name, but somebody may be tidying up here just now. */
async function placeLock(file: string): Promise<Exclude<LockAttempt, { kind: 'busy' }>> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const lock = tryLock(file);
    if (lock.kind === 'unavailable') return lock;
    if (lock.kind === 'held') {
      if (lock.guardsItsPath()) return lock;
      lock.release();
    }
    await nextTurn();
  }
  throw new Error(`${file} is held by somebody else`);
}

const ATTEMPTS = 1000;

/**
 * Removes what restores left behind that were broken off: the databases they were making, their
 * entries in the list of worlds, their files. `server` limits that to one server. What cannot be
 * removed now is left to the next time. Resolves with the databases removed.
 */
export async function removeUnfinished(
  surroundings: Surroundings,
  server?: string,
): Promise<readonly string[]> {
  const { worlds, log } = surroundings;
  const { home } = worlds;
  const removed: string[] = [];
  for (const world of await worlds.restoring()) {
    if (server !== undefined && world.server !== server) continue;
    await mkdir(restoresFolder(home), { recursive: true, mode: 0o700 });
    const lock = tryLock(lockIn(home, world.database));
    // A restore that goes on, or a runtime that cannot tell.
    if (lock.kind !== 'held') continue;
    try {
      // It may have ended well since.
      const isBroken = (await worlds.restoring()).some((each) => each.database === world.database);
      if (isBroken) {
        await deleteWorld(surroundings, world);
        removed.push(world.database);
      }
      await clear(home, world.database, lock);
    } catch (error) {
      lock.release();
      if (!(error instanceof WorldError)) throw error;
      log.warn('restore.not_removed', { database: world.database, code: error.code });
    }
  }
  await sweepPlaces(surroundings);
  return removed;
}

/** Removes the files of restores that ended before they were in the list, or after they were out. */
async function sweepPlaces({ worlds }: Surroundings): Promise<void> {
  const { home } = worlds;
  const isListed = async (database: string): Promise<boolean> =>
    (await worlds.restoring()).some((each) => each.database === database);
  for (const database of await placesIn(home)) {
    if (await isListed(database)) continue;
    const lock = tryLock(lockIn(home, database));
    if (lock.kind !== 'held') continue;
    // It may have come into the list since, and have been broken off: then the next time sees it.
    if (await isListed(database)) lock.release();
    else await clear(home, database, lock);
  }
}

async function placesIn(home: string): Promise<ReadonlySet<string>> {
  const folder = restoresFolder(home);
  const names = existsSync(folder) ? await readdir(folder) : [];
  return new Set(names.map((name) => name.replace(/\.(?:lock|archive).*$/, '')));
}

async function clear(home: string, database: string, lock: ProcessLock | undefined): Promise<void> {
  const folder = restoresFolder(home);
  for (const name of await readdir(folder)) {
    if (name.startsWith(`${database}.archive`)) await rm(path.join(folder, name), { force: true });
  }
  const file = lockIn(home, database);
  await rm(file, { force: true });
  lock?.release();
  // SQLite's own, where the process before was killed.
  await rm(`${file}-journal`, { force: true });
}

function lockIn(home: string, database: string): string {
  return path.join(restoresFolder(home), `${database}.lock`);
}
