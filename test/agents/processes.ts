/** Owns: what a client leaves running. Looks into `/proc`, so it sees nothing where there is none. */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { killIfAlive } from '../harness/host-life.ts';

const LOOK_MS = 100;
const PATIENCE_MS = 10_000;

interface Running {
  readonly pid: number;
  readonly line: string;
}

/**
 * Waits for all that runs with this home folder to end. What is the client's own and stays is ended. Returns the
 * command lines of what holds `ours` and did not end by itself, even after the client's own was gone.
 */
export async function endLeftovers(home: string, ours: string): Promise<readonly string[]> {
  const all = (): Promise<readonly Running[]> => runningWith(home);
  const strangers = async (): Promise<readonly Running[]> =>
    (await all()).filter(({ line }) => !line.includes(ours));
  await untilNone(strangers, 2_000);
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const { pid } of await strangers()) killIfAlive(pid, signal);
    await untilNone(strangers, 2_000);
  }
  await untilNone(all, PATIENCE_MS);
  const left = await all();
  for (const { pid } of left) killIfAlive(pid);
  return left.map(({ line }) => line);
}

async function untilNone(
  find: () => Promise<readonly Running[]>,
  patienceMs: number,
): Promise<void> {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += LOOK_MS) {
    if ((await find()).length === 0) return;
    await delay(LOOK_MS);
  }
}

async function runningWith(home: string): Promise<readonly Running[]> {
  const names = await readdir('/proc').catch(() => []);
  const found = names.filter((name) => /^\d+$/.test(name)).map((pid) => lookAt(pid, home));
  return (await Promise.all(found)).filter((each) => each !== undefined);
}

async function lookAt(pid: string, home: string): Promise<Running | undefined> {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
    if (!environment.split('\0').includes(`HOME=${home}`)) return undefined;
    const line = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
    return line === '' ? undefined : { pid: Number(pid), line };
  } catch {
    // It ended meanwhile, or belongs to somebody else.
    return undefined;
  }
}
