import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { KnownWorld } from '../world/world-list.ts';
import { UsageError } from './exit-code.ts';
import type { Machine } from './machine.ts';

/**
 * The world that a command line means: by its name or database, or by a folder in it; without
 * either by the folder one is in. Throws `UsageError`.
 */
export async function findWorld(machine: Machine, named: string | undefined): Promise<KnownWorld> {
  const worlds = await machine.worlds.all();
  // A world that moved away keeps its name here; what is meant is where it lives now.
  const byName = worlds.filter(
    (world) => world.database === named || (world.name === named && !world.movedTo),
  );
  if (byName.length === 1) return byName[0]!;
  if (byName.length > 1) {
    const databases = byName.map((world) => world.database).join(', ');
    throw new UsageError(`Several worlds are named ${named}; name one of ${databases}`);
  }
  const folder = await realpath(path.resolve(named ?? '.')).catch(() => undefined);
  for (let at = folder; at !== undefined; at = parentOf(at)) {
    const world = worlds.find((known) => known.folder === at);
    if (world) return world;
  }
  throw new UsageError(
    named === undefined
      ? 'This folder is in no world; name one (see: agent-world worlds)'
      : `No world is known by ${named} (see: agent-world worlds)`,
  );
}

function parentOf(folder: string): string | undefined {
  const parent = path.dirname(folder);
  return parent === folder ? undefined : parent;
}
