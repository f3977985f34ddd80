import { MODULE_LEVEL } from '../core/module-level.ts';
import { askHello, type Hello } from '../world/hello.ts';
import { EMBEDDED } from '../world/identities.ts';
import { moduleStanding } from '../world/module-standing.ts';
import { PERSON } from '../world/open-folder.ts';
import { WorldError } from '../world/world-error.ts';
import type { KnownWorld } from '../world/world-list.ts';
import type { DoctorSite } from './doctor-site.ts';
import { countOf, findingsOf, type Finding } from './finding.ts';

const { ok, warn, fail } = findingsOf('module');

/** Which module this version brings, and which worlds run another. */
export async function checkModule(site: DoctorSite): Promise<readonly Finding[]> {
  const { machine, worlds } = site;
  const brought = `This version, ${machine.version}, brings a module of level ${MODULE_LEVEL}`;
  try {
    await machine.bundle();
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    return [fail(`${error.message}.`)];
  }
  const findings: Finding[] = [];
  let current = 0;
  for (const world of worlds.filter(({ movedTo }) => movedTo === undefined)) {
    const finding = await lookAtWorld(site, world);
    if (finding === 'current') current += 1;
    else if (finding !== 'unknown') findings.push(finding);
  }
  const rest = current === 0 ? '' : `, which ${countOf(current, 'world runs', 'worlds run')}`;
  return [ok(`${brought}${rest}.`), ...findings];
}

async function lookAtWorld(
  site: DoctorSite,
  world: KnownWorld,
): Promise<Finding | 'current' | 'unknown'> {
  const { machine, host, signal } = site;
  const { name, server, database } = world;
  if (server === EMBEDDED && host.state !== 'running') return 'unknown';
  try {
    const uri = await machine.serverFor(server).uri(signal);
    const hello = await askHello({ uri, database, identity: '', signal, timeoutMs: ANSWER_MS });
    // That it is not there, or broken, is said of the world.
    if (typeof hello === 'number') return 'unknown';
    return byLevel(name, hello) ?? (await byStanding(site, world));
  } catch (error) {
    if (!(error instanceof WorldError)) throw error;
    return 'unknown';
  }
}

const ANSWER_MS = 5_000;

function byLevel(name: string, { moduleLevel }: Hello): Finding | undefined {
  if (moduleLevel === MODULE_LEVEL) return undefined;
  const runs = `${name} runs a module of level ${moduleLevel}`;
  return moduleLevel < MODULE_LEVEL
    ? warn(`${runs}: agent-world upgrade ${name} brings it up to date.`)
    : warn(`${runs}, newer than this version knows: bring Agent World up to date.`);
}

async function byStanding(
  { machine, signal }: DoctorSite,
  world: KnownWorld,
): Promise<Finding | 'current'> {
  // To ask further one needs an identity there, and none is made for this.
  if ((await machine.identities.read(world.server, PERSON)) === undefined) return 'current';
  const { name } = world;
  switch (await moduleStanding(machine, world, signal)) {
    case 'older':
      return warn(
        `${name} runs an earlier module: agent-world upgrade ${name} brings it up to date.`,
      );
    case 'newer':
      return warn(`${name} runs a module of a later version: bring Agent World up to date.`);
    case 'current':
    case 'not_ours':
    case 'unknown':
      return 'current';
  }
}
