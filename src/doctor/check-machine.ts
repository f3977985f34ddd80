import { checkClock } from './check-clock.ts';
import { checkDisk } from './check-disk.ts';
import { checkEditors } from './check-editors.ts';
import { checkGit } from './check-git.ts';
import { checkHost } from './check-host.ts';
import { checkModule } from './check-module.ts';
import { checkWatchers } from './check-watchers.ts';
import { checkWorkTrees } from './check-work-trees.ts';
import { checkWorlds } from './check-worlds.ts';
import { lookAround, type DoctorMachine, type DoctorSite } from './doctor-site.ts';
import { findingsOf, type Finding } from './finding.ts';
import { within } from './within.ts';

type Check = (site: DoctorSite) => readonly Finding[] | Promise<readonly Finding[]>;

/** In the order in which they are told. */
const CHECKS: readonly (readonly [name: string, check: Check])[] = [
  ['host', checkHost],
  ['worlds', checkWorlds],
  ['module', checkModule],
  ['editors', checkEditors],
  ['clock', checkClock],
  ['disk', checkDisk],
  ['watchers', checkWatchers],
  ['git', checkGit],
  ['git', checkWorkTrees],
];

/**
 * Looks at this machine, check by check, each for a bounded time. It starts no host, and makes nothing
 * where nothing is. Rejects only when the signal aborts.
 */
export async function checkMachine(
  machine: DoctorMachine,
  { signal, onFinding }: { signal: AbortSignal; onFinding: (finding: Finding) => void },
): Promise<void> {
  const site = await lookAround(machine, signal);
  for (const [name, check] of CHECKS) {
    for (const finding of await findings(name, check, site)) onFinding(finding);
  }
}

async function findings(name: string, check: Check, site: DoctorSite): Promise<readonly Finding[]> {
  try {
    return await within(CHECK_MS, site.signal, async () => check(site));
  } catch (error) {
    if (site.signal.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    return [findingsOf(name).fail(`This could not be looked at: ${reason}.`)];
  }
}

/** A check of one world takes ten seconds at most. */
const CHECK_MS = 60_000;
