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

/** What of ours a client starts. */
export interface Ours {
  /** Stands in the command lines of all of it. */
  readonly program: string;
  /** Stands in those of what goes on for a while when the client is gone; undefined for nothing. */
  readonly stays: string | undefined;
}

/**
 * Waits for all that runs with this home folder to end. What is the client's own and stays is ended. Returns the
 * command lines of what is ours and did not end by itself, even after the client's own was gone.
 */
export async function endLeftovers(
  home: string,
  { program, stays }: Ours,
): Promise<readonly string[]> {
  const all = async (): Promise<readonly Running[]> =>
    (await runningWith(home)).filter(({ line }) => stays === undefined || !line.includes(stays));
  const strangers = async (): Promise<readonly Running[]> =>
    (await all()).filter(({ line }) => !line.includes(program));
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

/** Ends what of ours goes on, as a machine that shuts down does. */
export async function endStaying(home: string, stays: string): Promise<void> {
  const staying = async (): Promise<readonly Running[]> =>
    (await runningWith(home)).filter(({ line }) => line.includes(stays));
  for (const { pid } of await staying()) killIfAlive(pid, 'SIGTERM');
  await untilNone(staying, PATIENCE_MS);
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
