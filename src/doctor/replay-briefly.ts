import { EMBEDDED } from '../world/identities.ts';
import { connect, PERSON } from '../world/open-folder.ts';
import { askServer } from '../world/server-request.ts';
import { isNearlyUsedUp, sharesOf } from '../world/usage-rows.ts';
import { verifyWorld } from '../world/verify-world.ts';
import { WorldError } from '../world/world-error.ts';
import type { KnownWorld } from '../world/world-list.ts';
import type { WorldSize } from '../world/world-sizes.ts';
import type { WorldSession } from '../world/world-session.ts';
import { describeSize } from './describe-size.ts';
import type { DoctorSite } from './doctor-site.ts';
import { findingsOf, type Finding } from './finding.ts';

const { ok, warn, fail } = findingsOf('worlds');

/** Replays the history of a world at the host that runs, for as long as somebody would wait. */
export async function replayBriefly(
  site: DoctorSite,
  world: KnownWorld,
  size: WorldSize | undefined,
): Promise<Finding> {
  const { machine } = site;
  const { name, database } = world;
  const has = `${name} has ${describeSize(size)}`;
  const self = await machine.identities.read(EMBEDDED, PERSON);
  if (self === undefined) return warn(`${has}, but you have no identity on this machine.`);
  const server = machine.serverFor(EMBEDDED);
  const broken = await whyNotOpen(await server.uri(), database);
  if (broken !== undefined) return fail(`${has}, and cannot be opened: ${broken}.`);
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const signal = AbortSignal.any([site.signal, patience]);
  let session: WorldSession | undefined;
  let replayed = 0;
  try {
    session = await connect(machine, server, database, self, signal);
    const { worlds } = machine;
    const bundle = (): Promise<Uint8Array<ArrayBuffer>> => machine.bundle();
    const onProgress = ({ ops }: { readonly ops: number }): void => void (replayed = ops);
    const verdict = await verifyWorld({ session, world, worlds, bundle, onProgress, signal });
    if (verdict.tag === 'verified')
      return verified(session, world, describeSize(size, verdict.ops));
    return fail(`${has}, and does not verify: op ${verdict.opSeq}: ${verdict.message}.`);
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    if (!patience.aborted) return fail(`${has}, and cannot be read: ${error.message}.`);
    const part = `of which ${replayed} were replayed in ${PATIENCE_MS / 1000} s without a fault`;
    return ok(`${has}, ${part}; agent-world verify goes on to the end.`);
  } finally {
    session?.close();
  }
}

const PATIENCE_MS = 10_000;

/** A world that is whole, and how much of its quotas is used where its module counts that. */
function verified({ view, identity }: WorldSession, { name }: KnownWorld, size: string): Finding {
  const { usage } = view.usage;
  const isOwner = view.members.get(identity)?.role === 'owner';
  const shares = usage === undefined ? [] : sharesOf(usage, isOwner);
  const used = Math.max(0, ...shares.map(({ used, quota }) => Math.floor((100 * used) / quota)));
  const verifies = 'and its history verifies';
  if (!shares.some(isNearlyUsedUp)) {
    const part = shares.length === 0 ? '' : `, ${used} % of what it may keep`;
    return ok(`${name} has ${size}${part}, ${verifies}.`);
  }
  return warn(
    `${name} has ${size}, ${used} % of a quota, ${verifies}: see agent-world quota ${name}.`,
  );
}

/** What the host says of a database that it cannot open. */
async function whyNotOpen(uri: string, database: string): Promise<string | undefined> {
  const path = `v1/database/${encodeURIComponent(database)}/route/hello`;
  const { status, text } = await askServer({ uri, path, method: 'GET', timeoutMs: PATIENCE_MS });
  if (status === 404) return 'its database is gone';
  return status < 500 ? undefined : text.slice(0, 200);
}
