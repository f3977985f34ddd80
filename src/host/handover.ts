import { setTimeout as delay } from 'node:timers/promises';
import { callHost } from './control-call.ts';
import { findLiveHost, readHostRecord, type HostHealth, type HostRecord } from './discovery.ts';
import { openHome, type Home } from './home.ts';
import { HostError, systemCode } from './host-error.ts';
import { tryLock } from './process-lock.ts';

/** Asks a running host to make way for a newer version. It may refuse, or be gone already. */
export async function requestHandover(
  record: HostRecord,
  version: string,
  signal?: AbortSignal,
): Promise<void> {
  await callHost(record.uri, 'POST', `handover?version=${encodeURIComponent(version)}`, signal);
}

export type HostStatus =
  | { readonly state: 'stopped' }
  /** A host holds the home, or is recorded there, but does not answer. */
  | { readonly state: 'unresponsive'; readonly pid: number | undefined }
  | ({ readonly state: 'running'; readonly uri: string } & HostHealth);

/** Says what host serves a home; starts nothing. */
export async function hostStatus(options: { readonly home: string }): Promise<HostStatus> {
  const home = await openHome(options.home);
  const live = await findLiveHost(home);
  if (live !== undefined) {
    const { version, pid, uptimeMs, databases, connections } = live.health;
    const { uri } = live.record;
    return { state: 'running', uri, version, pid, uptimeMs, databases, connections };
  }
  const record = await readHostRecord(home);
  if (hasEnded(home, record?.pid)) return { state: 'stopped' };
  return { state: 'unresponsive', pid: record?.pid };
}

export interface StopHostOptions {
  readonly home: string;
  readonly signal?: AbortSignal;
  readonly deadlineMs?: number;
}

/**
 * Ends the home's host in order and resolves when its databases are closed; true if there was one.
 * Throws `HostError` `stop_timeout` or `cancelled`.
 */
export async function stopHost(options: StopHostOptions): Promise<boolean> {
  const { signal, deadlineMs = 20_000 } = options;
  const home = await openHome(options.home);
  const giveUpAt = performance.now() + deadlineMs;
  let pid = (await readHostRecord(home))?.pid;
  let asked = false;
  // A host that is just starting or ending holds the lock without answering: keep asking.
  while (!hasEnded(home, pid)) {
    if (signal?.aborted) throw new HostError('cancelled', 'Stopping the host was cancelled');
    if (performance.now() > giveUpAt) {
      throw new HostError('stop_timeout', `Agent World's host did not end within ${deadlineMs} ms`);
    }
    const live = await findLiveHost(home, signal);
    if (live !== undefined) {
      pid = live.record.pid;
      asked = true;
      await callHost(live.record.uri, 'POST', 'stop', signal);
    }
    await delay(POLL_MS);
  }
  return asked;
}

const POLL_MS = 20;

/** By the host's lock where this runtime can try it; else by whether the process is still there. */
function hasEnded(home: Home, pid: number | undefined): boolean {
  const attempt = tryLock(home.hostLock);
  if (attempt.kind === 'held') attempt.release();
  if (attempt.kind !== 'unavailable') return attempt.kind === 'held';
  return pid === undefined || !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
