import type { Invite } from './invite.ts';
import { joinWorld } from './join.ts';
import { openAsPerson, personOf, type Surroundings } from './open-folder.ts';
import { demandFreeFolder, placeTree } from './place-tree.ts';
import type { Profile } from './publish.ts';
import { snapshotWorld } from './snapshot-world.ts';
import { awaitServer } from './tell-waits.ts';
import type { KnownWorld } from './world-list.ts';

export interface JoinIntoFolderOptions {
  readonly invite: Invite;
  /** Absolute; empty, or not there yet. */
  readonly folder: string;
  readonly profile: Profile;
  readonly signal?: AbortSignal;
}

/**
 * Joins a world by an invite and brings its files into a new folder, which is the world's from then
 * on. Broken off after the invite was used one is a member without a folder. Throws `WorldError`.
 */
export async function joinIntoFolder(
  machine: Surroundings,
  { invite, folder, profile, signal }: JoinIntoFolderOptions,
): Promise<KnownWorld> {
  await demandFreeFolder(machine, folder);
  const { database } = invite;
  const server = machine.serverFor(invite.server);
  const self = await personOf(machine, server, signal);
  const cancel = signal === undefined ? {} : { signal };
  const uri = await server.uri(signal);
  const joining = { uri, database, secret: invite.secret, self, profile, ...cancel };
  await awaitServer(machine, joinWorld(joining));
  const session = await openAsPerson(machine, invite, signal);
  try {
    const known: KnownWorld = {
      server: invite.server,
      database,
      name: session.workspace?.name || database,
      folder: '',
      addedAt: new Date(machine.clock.nowMs()).toISOString(),
      isReady: true,
    };
    await machine.worlds.put(known);
    const placed = await placeTree(await snapshotWorld(session, undefined, signal), folder, signal);
    const world = { ...known, folder: placed };
    await machine.worlds.put(world);
    return world;
  } finally {
    session.close();
  }
}
