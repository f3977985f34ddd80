import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import type { DoctorSite } from './doctor-site.ts';
import { describeBytes, findingsOf, type Finding } from './finding.ts';

/** Whether there is room for worlds, on a disk that can lock and sync. */
export async function checkDisk({ machine }: DoctorSite): Promise<readonly Finding[]> {
  const { ok, warn, fail } = findingsOf('disk');
  let place = path.resolve(machine.home);
  while (!existsSync(place)) place = path.dirname(place);
  const { bavail, bsize, type } = await statfs(place);
  const free = bavail * bsize;
  const room = `${describeBytes(free)} are free for worlds at ${machine.home}`;
  if (free < LEAST_BYTES) return [fail(`Only ${room}: what you type may not be kept.`)];
  const network = process.platform === 'linux' ? NETWORK.get(type) : undefined;
  if (network !== undefined) {
    return [warn(`${room}, but over the network (${network}), where locks may not hold.`)];
  }
  return [free < FEW_BYTES ? warn(`Only ${room}.`) : ok(`${room}.`)];
}

const LEAST_BYTES = 200_000_000;
const FEW_BYTES = 2_000_000_000;

/** As Linux numbers file systems (`statfs(2)`). */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9P'],
]);
