import { existsSync } from 'node:fs';
import { callHost } from '../host/control-call.ts';
import { folderKeyOf } from '../host/folder-lease-client.ts';
import type { HeldLease } from '../host/folder-lease.ts';
import type { DoctorSite } from './doctor-site.ts';
import { countOf, findingsOf, type Finding } from './finding.ts';

/** Which windows and commands keep which folders on disk. */
export async function checkEditors(site: DoctorSite): Promise<readonly Finding[]> {
  const { ok, warn } = findingsOf('editors');
  if (site.host.state !== 'running') return [ok('No host runs, so nobody keeps a folder.')];
  const answer = await callHost(site.host.uri, 'GET', 'leases', site.signal);
  const leases = answer?.body['leases'];
  if (answer?.status !== 200 || !Array.isArray(leases)) {
    return [warn('The host does not tell who keeps which folder; it is of an earlier version.')];
  }
  if (leases.length === 0) return [ok('No window and no mirror keeps a folder now.')];
  const folders = await foldersByKey(site);
  return (leases as readonly HeldLease[]).map(({ world, folder, holder, waiting }) => {
    const who = holder === '' ? 'Somebody' : holder[0]!.toUpperCase() + holder.slice(1);
    const what = folders.get(folder) ?? 'a folder that is none of your worlds’';
    const others =
      waiting === 0 ? '' : `, and ${countOf(waiting, 'more waits', 'more wait')} for it`;
    return ok(`${who} keeps ${what} in the world ${world}${others}.`);
  });
}

async function foldersByKey({ worlds }: DoctorSite): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { folder } of worlds) {
    if (folder !== '' && existsSync(folder)) found.set(await folderKeyOf(folder), folder);
  }
  return found;
}
