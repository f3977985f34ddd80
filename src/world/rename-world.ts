import { demandDone } from './demand-done.ts';
import type { KnownWorld, WorldList } from './world-list.ts';
import type { WorldSession } from './world-session.ts';

/** Gives a world another name, for everybody in it. Throws `WorldError`: only an owner may. */
export async function renameWorld(
  worlds: WorldList,
  session: WorldSession,
  world: KnownWorld,
  name: string,
): Promise<void> {
  demandDone(await session.call('rename_world', { name }));
  await worlds.put({ ...((await worlds.find(world.server, world.database)) ?? world), name });
}
