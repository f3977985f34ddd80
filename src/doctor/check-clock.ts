import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../host/host-error.ts';
import { EMBEDDED } from '../world/identities.ts';
import type { DoctorSite } from './doctor-site.ts';
import { findingsOf, type Finding } from './finding.ts';

/** Whether this machine's clock fits what it wrote before, and the clocks of its servers. */
export async function checkClock(site: DoctorSite): Promise<readonly Finding[]> {
  const { ok, warn, fail } = findingsOf('clock');
  const { machine, worlds, signal } = site;
  const aheadMs = (await newestFileMs(machine.home)) - machine.clock.nowMs();
  if (aheadMs > PATIENCE_MS) {
    return [
      fail(`The clock is behind: a file of ${machine.home} is from ${spanOf(aheadMs)} later.`),
    ];
  }
  const servers = [...new Set(worlds.map(({ server }) => server))].filter((it) => it !== EMBEDDED);
  const asked = await Promise.all(servers.map((server) => differenceMs(server, site, signal)));
  const differing = servers.flatMap((server, index) => {
    const byMs = Math.abs(asked[index] ?? 0);
    if (byMs <= PATIENCE_MS) return [];
    const tell = byMs > DAY_MS ? fail : warn;
    return [tell(`The clocks here and at ${server} differ by ${spanOf(byMs)}.`)];
  });
  if (differing.length > 0) return differing;
  const answered = asked.filter((difference) => difference !== undefined).length;
  const beside =
    answered === 0 ? 'what was written here before' : 'what was written and the servers';
  return [ok(`The clock fits ${beside}.`)];
}

/** Calls carry times, and one that is older than a week by them is refused. */
const DAY_MS = 86_400_000;
const PATIENCE_MS = 120_000;

/** When the newest file of the home was written; 0 where there is none. */
async function newestFileMs(home: string): Promise<number> {
  let newest = 0;
  for (const name of await namesIn(home)) {
    const found = await stat(path.join(home, name)).catch(nothing);
    newest = Math.max(newest, found?.mtimeMs ?? 0);
  }
  return newest;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(nothing)) ?? [];
}

function nothing(error: unknown): undefined {
  if (systemCode(error) === undefined) throw error;
}

/** By how much a server's clock differs; undefined where it does not say. */
async function differenceMs(
  server: string,
  { machine }: DoctorSite,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    const answer = await fetch(new URL('v1/ping', server), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    await answer.body?.cancel();
    const atMs = Date.parse(answer.headers.get('date') ?? '');
    return Number.isNaN(atMs) ? undefined : atMs - machine.clock.nowMs();
  } catch {
    // Whether it can be reached is said of its worlds.
    return undefined;
  }
}

const ANSWER_MS = 3_000;

function spanOf(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}
