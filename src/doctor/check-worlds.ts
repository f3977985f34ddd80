import { existsSync } from 'node:fs';
import { checkStored, type StoredFaults } from '../host/check-stored.ts';
import { askHello } from '../world/hello.ts';
import { EMBEDDED } from '../world/identities.ts';
import { describeServer } from '../world/server-request.ts';
import { WorldError } from '../world/world-error.ts';
import type { KnownWorld } from '../world/world-list.ts';
import { sizeKey, worldSizes, type WorldSize } from '../world/world-sizes.ts';
import type { DoctorSite } from './doctor-site.ts';
import { findingsOf, type Finding } from './finding.ts';
import { describeSize } from './describe-size.ts';
import { replayBriefly } from './replay-briefly.ts';

const { ok, warn, fail } = findingsOf('worlds');

/** Whether each world that this machine knows is there, how large it is, and whether it is whole. */
export async function checkWorlds(site: DoctorSite): Promise<readonly Finding[]> {
  const { machine, host, worlds, worldsError } = site;
  if (worldsError !== undefined)
    return [fail(`The list of worlds cannot be read: ${worldsError}.`)];
  if (worlds.length === 0)
    return [ok('No world is known here: agent-world open FOLDER makes one.')];
  const sizes = await worldSizes(machine);
  const stored = host.state === 'stopped' ? await checkStored(machine.home) : undefined;
  const findings: Finding[] = [];
  for (const world of worlds) {
    if (world.movedTo !== undefined) continue;
    findings.push(...lookAtFolder(world));
    const size = sizes.get(sizeKey(world));
    findings.push(
      world.server === EMBEDDED
        ? await lookHere(site, world, size, stored)
        : await lookAtServer(site, world, size),
    );
  }
  return findings;
}

function lookAtFolder({ name, folder, isReady }: KnownWorld): readonly Finding[] {
  if (folder !== '' && !existsSync(folder))
    return [warn(`The folder of ${name}, ${folder}, is gone.`)];
  if (!isReady) return [warn(`${name} was not finished: open its folder ${folder} again.`)];
  return [];
}

async function lookHere(
  site: DoctorSite,
  world: KnownWorld,
  size: WorldSize | undefined,
  stored: StoredFaults | undefined,
): Promise<Finding> {
  const { name, database } = world;
  const has = `${name} has ${describeSize(size)}`;
  if (site.host.state === 'running') return replayBriefly(site, world, size);
  if (stored === undefined) return ok(`${has}; it could not be looked into.`);
  const fault = stored.get(database);
  if (fault === undefined)
    return fail(`${name} is known here, but its database ${database} is gone.`);
  if (fault !== null) return fail(`${has}, and ${fault}: restore it from a backup.`);
  return ok(`${has}, and its file is whole; no host runs to replay its history.`);
}

async function lookAtServer(
  { signal }: DoctorSite,
  { name, server, database }: KnownWorld,
  size: WorldSize | undefined,
): Promise<Finding> {
  const place = describeServer(server);
  try {
    const question = { uri: server, database, identity: '', signal, timeoutMs: ANSWER_MS };
    const hello = await askHello(question);
    if (hello === 404) return fail(`${name} is not at ${place} any more.`);
    if (typeof hello === 'number') return warn(`${place} answers ${hello} when asked for ${name}.`);
    return ok(`${name} is at ${place}, with ${describeSize(size)} when it was last seen.`);
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    return warn(`${name} cannot be reached now: ${error.message}.`);
  }
}

const ANSWER_MS = 5_000;
