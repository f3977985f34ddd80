import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock, type Clock } from './clock.ts';
import { controlRoutes, type EndRequest } from './control-routes.ts';
import {
  findLiveHost,
  hostUri,
  newHostSecrets,
  removeHostRecord,
  writeHostRecord,
  type HostHealth,
  type HostRecord,
} from './discovery.ts';
import { FolderLeases, nextLeaseEpoch } from './folder-lease.ts';
import type { Home } from './home.ts';
import { HostError, systemCode } from './host-error.ts';
import type { FileLog } from './host-log.ts';
import { isNewerVersion } from './host-version.ts';
import { watchIdle, type IdleReason } from './idle-exit.ts';
import { tryLock, type ProcessLock } from './process-lock.ts';
import { guardRecord } from './record-guard.ts';
import type { Activity, HostServer, ServerOptions } from './server.ts';

export type EndReason = EndRequest | IdleReason | 'signal' | 'lock_lost';

export interface HostProcessOptions {
  readonly home: Home;
  readonly version: string;
  readonly port: number;
  readonly idleExitMs: number;
  /** The file this host runs from; when it is gone, so is the extension that brought it. */
  readonly hostScript: string;
  readonly log: FileLog;
  readonly clock?: Clock;
  readonly startServer: (options: ServerOptions) => Promise<HostServer>;
  /** Ends the host in order, like a signal to the process. */
  readonly signal: AbortSignal;
}

/**
 * Serves the home until the host is idle, replaced, stopped or signalled, and resolves when all is
 * closed. Throws `HostError`: `already_running`, `host_unresponsive`, `port_taken`.
 */
export async function runHost(options: HostProcessOptions): Promise<EndReason> {
  const lock = await lockHome(options);
  if (lock === undefined) return 'signal';
  try {
    return await serve(options, lock);
  } finally {
    lock.release();
  }
}

const SCRIPT_POLL_MS = 15_000;
const RECORD_POLL_MS = 10_000;
/** Long enough for the host before this one to drain and close its databases. */
const LOCK_PATIENCE_MS = 15_000;
const LOCK_POLL_MS = 25;
const CLOSE_PATIENCE_MS = 10_000;

/**
 * The home's lock keeps a second host out for good; a host that is ending is waited for. Undefined
 * when signalled meanwhile.
 */
async function lockHome(options: HostProcessOptions): Promise<ProcessLock | undefined> {
  const { home, version, signal } = options;
  const giveUpAt = performance.now() + LOCK_PATIENCE_MS;
  while (!signal.aborted) {
    const attempt = tryLock(home.hostLock);
    if (attempt.kind === 'held') return attempt;
    if (attempt.kind === 'unavailable') throw new Error('the runtime was checked before');
    const other = await findLiveHost(home, signal);
    if (other !== undefined && !isNewerVersion(version, other.record.version)) {
      throw new HostError('already_running', 'Another Agent World host serves this home');
    }
    if (performance.now() > giveUpAt) {
      throw new HostError(
        'host_unresponsive',
        `Another Agent World host holds ${home.root} but does not answer or end`,
      );
    }
    await delay(LOCK_POLL_MS);
  }
  return undefined;
}

async function serve(options: HostProcessOptions, lock: ProcessLock): Promise<EndReason> {
  const { home, log, clock = systemClock } = options;
  const ending = Promise.withResolvers<EndReason>();
  const service = await openService(options, clock, ending.resolve);
  const { record } = service;
  await writeHostRecord(home, record);
  await rm(home.startupReport, { force: true });
  log.info('host.started', { pid: record.pid, port: record.port, version: record.version });

  const onLockLost = (): void => ending.resolve('lock_lost');
  const guard = guardRecord({ home, record, lock, clock, log, pollMs: RECORD_POLL_MS, onLockLost });
  const stopIdleWatch = watchIdle({
    clock,
    idleMs: options.idleExitMs,
    scriptPollMs: SCRIPT_POLL_MS,
    activity: () => service.activity(),
    scriptExists: () => existsSync(options.hostScript),
    onIdle: ending.resolve,
  });
  const reason = await Promise.race([ending.promise, aborted(options.signal)]);

  log.info('host.ending', { reason });
  stopIdleWatch();
  await guard.stop();
  await removeHostRecord(home, record);
  await service.close();
  log.info('host.ended', { reason });
  return reason;
}

/** The engine's server with the leases and the control routes in it. */
interface Service {
  readonly record: HostRecord;
  activity(): Activity;
  close(): Promise<void>;
}

async function openService(
  options: HostProcessOptions,
  clock: Clock,
  end: (reason: EndRequest) => void,
): Promise<Service> {
  const { home, version, log } = options;
  const secrets = newHostSecrets();
  log.redact(secrets.key);
  log.redact(secrets.proofKey);
  const epoch = await nextLeaseEpoch(home.leaseEpoch, clock);
  const leases = new FolderLeases({ epoch, clock, log });
  const startedAt = performance.now();
  let server: HostServer | undefined;
  const activity = (): Activity => countedWith(leases, server);
  const health = (): HostHealth | undefined =>
    server && {
      version,
      pid: process.pid,
      uptimeMs: Math.round(performance.now() - startedAt),
      databases: server.engine.list().length,
      connections: activity().connections,
    };

  const { proofKey } = secrets;
  server = await listen(options, {
    home: home.root,
    key: secrets.key,
    port: options.port,
    log,
    version,
    clock,
    extraRoutes: [controlRoutes({ version, proofKey, health, leases: () => leases.list(), end })],
    extraUpgrades: [(request, socket, head) => leases.upgrade(request, socket, head)],
  });
  const opened = server;
  return {
    record: newRecord(version, opened.port, secrets),
    activity,
    async close() {
      server = undefined; // from here on the host answers as one that is not to be found
      leases.close();
      await closeInTime(opened, clock);
    },
  };
}

/** What was acknowledged is on disk already: a host that cannot close must not keep others out. */
async function closeInTime(server: HostServer, clock: Clock): Promise<void> {
  const late = Promise.withResolvers<never>();
  const cancel = clock.after(CLOSE_PATIENCE_MS, () => {
    late.reject(new HostError('stop_timeout', 'The host could not close its databases in time'));
  });
  await Promise.race([server.close(), late.promise]);
  cancel();
}

async function listen(options: HostProcessOptions, server: ServerOptions): Promise<HostServer> {
  try {
    return await options.startServer(server);
  } catch (error) {
    if (systemCode(error) !== 'EADDRINUSE') throw error;
    throw new HostError('port_taken', `Port ${options.port} of 127.0.0.1 is taken`, {
      cause: error,
    });
  }
}

function newRecord(
  version: string,
  port: number,
  secrets: Pick<HostRecord, 'key' | 'proofKey'>,
): HostRecord {
  return {
    pid: process.pid,
    port,
    ...secrets,
    uri: hostUri(port, secrets.key),
    version,
    startedAt: new Date().toISOString(),
    runtime: process.execPath,
  };
}

function countedWith(leases: FolderLeases, server: HostServer | undefined): Activity {
  const { connections, lastActivityMs } = server?.activity() ?? {
    connections: 0,
    lastActivityMs: 0,
  };
  return { connections: connections + leases.connections, lastActivityMs };
}

async function aborted(signal: AbortSignal): Promise<EndReason> {
  if (!signal.aborted) await once(signal, 'abort');
  return 'signal';
}
