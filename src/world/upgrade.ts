import { hashOfModule, ownerOfDatabase, programHash } from './module-standing.ts';
import { openAsPerson, personOf, type Surroundings } from './open-folder.ts';
import { planPublish, publishModule, type PublishPlan } from './publish.ts';
import { readHeadSeq } from './read-head.ts';
import { awaitServer } from './tell-waits.ts';
import type { KnownWorld } from './world-list.ts';

export type Upgrade =
  /** The world runs this very module. */
  | { readonly tag: 'current' }
  /** Whoever was asked said no: nothing has changed. */
  | { readonly tag: 'declined' }
  | { readonly tag: 'upgraded'; readonly headSeq: number; readonly protocolVersion: number };

export interface UpgradeOptions {
  /** Asked before everybody is disconnected for a moment; not where they stay connected. */
  readonly mayDisconnect: (plan: PublishPlan) => Promise<boolean>;
  readonly signal?: AbortSignal;
}

/**
 * Brings the module of a world that one has published up to date, and sees that the world opens with
 * it. Throws `WorldError` `name_taken` for somebody else's world, `bad_module` where the world's tables
 * cannot become those of the module: then nothing has changed.
 */
export async function upgradeWorld(
  surroundings: Surroundings,
  world: KnownWorld,
  { mayDisconnect, signal }: UpgradeOptions,
): Promise<Upgrade> {
  const server = surroundings.serverFor(world.server);
  const { database } = world;
  const { token } = await personOf(surroundings, server, signal);
  const uri = await server.uri(signal);
  const bundle = await surroundings.bundle();
  // Publishing would make an empty world of one that is gone.
  await awaitServer(surroundings, ownerOfDatabase(uri, database));
  if ((await programHash(uri, database)) === hashOfModule(bundle)) return { tag: 'current' };
  const cancel = signal === undefined ? {} : { signal };
  const publishing = { uri, token, database, bundle, ...cancel };
  const plan = await awaitServer(surroundings, planPublish(publishing));
  if (plan.breakingToken !== undefined && !(await mayDisconnect(plan))) return { tag: 'declined' };
  await awaitServer(surroundings, publishModule(publishing, plan.breakingToken));
  const session = await openAsPerson(surroundings, world, signal);
  try {
    const headSeq = await readHeadSeq(await session.whenOnline(signal));
    const protocolVersion = session.workspace?.protocolVersion ?? 0;
    return { tag: 'upgraded', headSeq, protocolVersion };
  } finally {
    session.close();
  }
}
