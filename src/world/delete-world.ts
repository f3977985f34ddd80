import { personOf, type Surroundings } from './open-folder.ts';
import { askServer, describeServer } from './server-request.ts';
import type { KnownWorld } from './world-list.ts';
import { WorldError } from './world-error.ts';

/**
 * Deletes a world at its server, for everybody, and then from this machine's list; one that is gone
 * there already only from the list. Throws `WorldError`: `refused` for one that belongs to another.
 */
export async function deleteWorld(
  surroundings: Surroundings,
  world: KnownWorld,
  signal?: AbortSignal,
): Promise<void> {
  const server = surroundings.serverFor(world.server);
  const { token } = await personOf(surroundings, server, signal);
  const uri = await server.uri(signal);
  const answer = await askServer({
    uri,
    path: `v1/database/${encodeURIComponent(world.database)}`,
    method: 'DELETE',
    token,
    ...(signal === undefined ? {} : { signal }),
  });
  if (answer.status === 401 || answer.status === 403) {
    throw new WorldError('refused', `forbidden: ${world.name} belongs to somebody else`);
  }
  if (answer.status !== 200 && answer.status !== 404) {
    const words = answer.text.slice(0, 200);
    throw new WorldError('bad_answer', `${describeServer(uri)} did not delete it: ${words}`);
  }
  await surroundings.worlds.remove(world.server, world.database);
}
