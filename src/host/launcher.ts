import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { constants, getPriority } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findLiveHost, type LiveHost } from './discovery.ts';
import { requestHandover } from './handover.ts';
import { openHome, type Home } from './home.ts';
import { HostError, systemCode } from './host-error.ts';
import { openOutputFile } from './host-log.ts';
import { isHostVersion, isNewerVersion } from './host-version.ts';
import type { HostLog } from './log.ts';
import { tryLock } from './process-lock.ts';
import { readStartupReport } from './startup-report.ts';

export interface EnsureHostOptions {
  /** `AGENT_WORLD_HOME`, absolute; see `defaultHomePath`. */
  readonly home: string;
  /** Absolute path of `dist/host.cjs`. */
  readonly hostScript: string;
  /** The program to run it: Node, or an Electron that can act as Node; usually `process.execPath`. */
  readonly runtime: string;
  /** A running host of this version or a newer one is used; an older one is replaced. */
  readonly version: string;
  readonly log: HostLog;
  readonly signal?: AbortSignal;
  /** How long to wait for a host that answers. */
  readonly deadlineMs?: number;
  readonly idleExitMs?: number;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  readonly environment?: NodeJS.ProcessEnv;
}

/** A host to connect to. `pid` and `version` are unknown for one named by the environment. */
export interface RunningHost {
  /** Ends with `/`; contains the key, so keep it out of logs. */
  readonly uri: string;
  readonly pid: number | undefined;
  readonly version: string | undefined;
}

/**
 * Finds the user's host or starts one, whatever the number of processes that ask at the same time.
 * Clients call it again whenever they lost their connection: the host may have moved.
 * `AGENT_WORLD_HOST_URI` names a host to use instead; nothing is started then.
 * Throws `HostError`.
 */
export async function ensureHost(options: EnsureHostOptions): Promise<RunningHost> {
  const { version, signal, deadlineMs = 30_000, environment = process.env } = options;
  const named = environment['AGENT_WORLD_HOST_URI'];
  if (named) return { uri: withFinalSlash(named), pid: undefined, version: undefined };
  if (!isHostVersion(version)) {
    throw new HostError('bad_arguments', `Not a version of Agent World: ${version}`);
  }
  const home = await openHome(options.home);
  const attempt: Attempt = { options, home, pause: pauseUntil(deadlineMs, home, signal) };
  const startsFromMs = performance.now() + waitForOthersMs();
  for (;;) {
    const live = await findUsable(attempt);
    if (live !== undefined) return describe(live);
    if (performance.now() < startsFromMs) {
      await attempt.pause();
      continue;
    }
    // A runtime without SQLite cannot take the lock. It goes on without: the start lock only saves
    // needless starts; that one host serves a home is kept by the host's own lock.
    const lock = tryLock(home.startLock);
    if (lock.kind === 'busy') {
      await attempt.pause();
      continue;
    }
    try {
      return describe(await startHost(attempt));
    } finally {
      if (lock.kind === 'held') lock.release();
    }
  }
}

/**
 * A host weighs as much on its machine as the process that starts it. One that gives way to others, as an agent's
 * server does, lets those start it first whom somebody may be looking at.
 */
function waitForOthersMs(): number {
  return getPriority() > constants.priority.PRIORITY_NORMAL ? OTHERS_FIRST_MS : 0;
}

interface Attempt {
  readonly options: EnsureHostOptions;
  readonly home: Home;
  /** Waits a moment; throws when the deadline has passed or the caller has given up. */
  pause(): Promise<void>;
}

async function findUsable({ home, options }: Attempt): Promise<LiveHost | undefined> {
  const live = await findLiveHost(home, options.signal);
  if (options.signal?.aborted) throw cancelled(options.signal);
  const usable = live !== undefined && !isNewerVersion(options.version, live.record.version);
  return usable ? live : undefined;
}

async function startHost(attempt: Attempt): Promise<LiveHost> {
  const { home, options } = attempt;
  const found = await findLiveHost(home, options.signal);
  if (found !== undefined) {
    if (!isNewerVersion(options.version, found.record.version)) return found;
    options.log.info('host.handover', { from: found.record.version, to: options.version });
    await requestHandover(found.record, options.version, options.signal);
  }
  // The new host itself waits for the lock of the one that is ending, so none is ever missing long.
  const child = spawnHost(home, options);
  options.log.info('host.spawned', { pid: child.process.pid ?? 0, version: options.version });
  for (;;) {
    const live = await findUsable(attempt);
    if (live !== undefined) return live;
    const end = child.end();
    if (end !== undefined) await explainEnd(home, options, child.process, end);
    await attempt.pause();
  }
}

type ChildEnd =
  | { readonly kind: 'not_started'; readonly error: Error }
  | { readonly kind: 'exited'; readonly how: string };

interface SpawnedHost {
  readonly process: ChildProcess;
  end(): ChildEnd | undefined;
}

function spawnHost(home: Home, options: EnsureHostOptions): SpawnedHost {
  const { environment = process.env, idleExitMs, port } = options;
  const output = openOutputFile(outputFileOf(home), OUTPUT_MAX_BYTES, 2);
  let end: ChildEnd | undefined;
  try {
    const argv = [options.hostScript, '--home', home.root, '--version', options.version];
    if (idleExitMs !== undefined) argv.push('--idle-exit-ms', String(idleExitMs));
    if (port !== undefined) argv.push('--port', String(port));
    const child = spawn(options.runtime, argv, {
      cwd: home.root,
      detached: true,
      env: hostEnvironment(environment),
      stdio: ['ignore', output, output],
      windowsHide: true,
    });
    child.once('error', (error) => (end = { kind: 'not_started', error }));
    child.once('exit', (code, signal) => {
      end = { kind: 'exited', how: signal === null ? `code ${code}` : signal };
    });
    child.unref();
    return { process: child, end: () => end };
  } finally {
    closeSync(output);
  }
}

/** Throws what a person can act on; returns only if another host was there first. */
async function explainEnd(
  home: Home,
  options: EnsureHostOptions,
  child: ChildProcess,
  end: ChildEnd,
): Promise<void> {
  if (end.kind === 'not_started') {
    const missing = systemCode(end.error) === 'ENOENT';
    throw new HostError(
      missing ? 'runtime_not_found' : 'start_failed',
      `Agent World's host could not be started with ${options.runtime}`,
      { cause: end.error },
    );
  }
  const report = child.pid === undefined ? undefined : await readStartupReport(home, child.pid);
  if (report?.code === 'already_running') return;
  if (report !== undefined) throw new HostError(report.code, report.message);
  throw new HostError(
    'host_crashed',
    `Agent World's host ended while starting (${end.how}); see ${outputFileOf(home)}`,
  );
}

/** What any program needs to run, and nothing else: the host outlives the shell that holds secrets. */
const PASSED_ON = new Set([
  'AGENT_WORLD_TEST_LATE',
  'APPDATA',
  'COMSPEC',
  'HOME',
  'LANG',
  'LC_ALL',
  'LD_LIBRARY_PATH',
  'LOCALAPPDATA',
  'PATH',
  'SYSTEMDRIVE',
  'SYSTEMROOT',
  'TEMP',
  'TMP',
  'TMPDIR',
  'TZ',
  'USERPROFILE',
  'WINDIR',
]);

function hostEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const passed = Object.entries(environment).filter(([name]) => PASSED_ON.has(name.toUpperCase()));
  // Plain Node ignores it, and a client cannot tell what another program was built as.
  return { ...Object.fromEntries(passed), ELECTRON_RUN_AS_NODE: '1' };
}

const OUTPUT_MAX_BYTES = 256 * 1024;
const OTHERS_FIRST_MS = 500;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 150;

function outputFileOf(home: Home): string {
  return path.join(home.logs, 'host-output.log');
}

function pauseUntil(
  deadlineMs: number,
  home: Home,
  signal: AbortSignal | undefined,
): () => Promise<void> {
  const giveUpAt = performance.now() + deadlineMs;
  let pauseMs = FIRST_PAUSE_MS;
  return async () => {
    if (performance.now() > giveUpAt) {
      throw new HostError(
        'start_timeout',
        `Agent World's host did not answer within ${deadlineMs} ms; see ${home.logs}`,
      );
    }
    try {
      await delay(pauseMs, undefined, { signal });
    } catch (error) {
      if (signal?.aborted) throw cancelled(signal);
      throw error;
    }
    pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS);
  };
}

function cancelled(signal: AbortSignal): HostError {
  return new HostError('cancelled', "Waiting for Agent World's host was cancelled", {
    cause: signal.reason,
  });
}

function describe({ record }: LiveHost): RunningHost {
  return { uri: record.uri, pid: record.pid, version: record.version };
}

function withFinalSlash(uri: string): string {
  return uri.endsWith('/') ? uri : `${uri}/`;
}
