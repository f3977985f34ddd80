import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../host/host-error.ts';
import type { DoctorSite } from './doctor-site.ts';
import { findingsOf, type Finding } from './finding.ts';

/** Whether the system lets the folders of this machine's worlds be watched. */
export async function checkWatchers({ worlds }: DoctorSite): Promise<readonly Finding[]> {
  const { ok, warn, fail } = findingsOf('watchers');
  if (process.platform !== 'linux')
    return [ok('This system watches whole folders, without a limit.')];
  const [watches, instances] = await Promise.all([
    limitOf('max_user_watches'),
    limitOf('max_user_instances'),
  ]);
  if (watches === undefined || instances === undefined) {
    return [warn('The system does not tell how many folders may be watched.')];
  }
  const used = await usedByUser();
  const needed = await foldersBelow(worlds.map(({ folder }) => folder));
  const need = `your worlds need ${needed}`;
  if (used.instances >= instances - SPARE_INSTANCES) {
    return [
      fail(`${used.instances} of ${instances} watchers (fs.inotify.max_user_instances) are used.`),
    ];
  }
  const left = watches - used.watches;
  const sentence = `${used.watches} of ${watches} watches (fs.inotify.max_user_watches) are used; ${need}`;
  if (left < needed) return [fail(`${sentence}: raise the limit, for instance to 524288.`)];
  if (left < 2 * needed + SPARE_WATCHES) return [warn(`${sentence}, and few are left.`)];
  return [ok(`${sentence}.`)];
}

const SPARE_INSTANCES = 4;
const SPARE_WATCHES = 1_000;
/** Enough to tell; folders of that many are told as so many. */
const MOST_FOLDERS = 50_000;

async function limitOf(name: string): Promise<number | undefined> {
  const text = await readFile(`/proc/sys/fs/inotify/${name}`, 'utf8').catch(nothing);
  const limit = Number(text?.trim());
  return text !== undefined && Number.isSafeInteger(limit) ? limit : undefined;
}

/** What this user's processes use, as far as they may be looked into. */
async function usedByUser(): Promise<{ readonly watches: number; readonly instances: number }> {
  let watches = 0;
  let instances = 0;
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of processes) {
    const folder = `/proc/${pid}/fdinfo`;
    for (const descriptor of (await readdir(folder).catch(nothing)) ?? []) {
      const text = (await readFile(path.join(folder, descriptor), 'utf8').catch(nothing)) ?? '';
      const found = text.match(/^inotify /gm)?.length ?? 0;
      watches += found;
      instances += found > 0 ? 1 : 0;
    }
  }
  return { watches, instances };
}

async function foldersBelow(roots: readonly string[]): Promise<number> {
  let count = 0;
  const waiting = roots.filter((root) => root !== '');
  while (waiting.length > 0 && count < MOST_FOLDERS) {
    const folder = waiting.pop()!;
    const entries = await readdir(folder, { withFileTypes: true }).catch(nothing);
    if (entries === undefined) continue;
    count += 1;
    for (const entry of entries) {
      const isWatched = entry.isDirectory() && !LEFT_OUT.has(entry.name);
      if (isWatched) waiting.push(path.join(folder, entry.name));
    }
  }
  return count;
}

/** What hardly any world has in it. */
const LEFT_OUT: ReadonlySet<string> = new Set(['.git', 'node_modules']);

/** A process that ended, or a folder that may not be read. */
function nothing(error: unknown): undefined {
  if (systemCode(error) === undefined) throw error;
}
