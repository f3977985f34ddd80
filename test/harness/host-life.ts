import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { homeAt } from '../../src/host/home.ts';
import { readHostRecord } from '../../src/host/discovery.ts';
import { ensureHost, type EnsureHostOptions, type RunningHost } from '../../src/host/launcher.ts';
import { silentLog } from '../../src/host/log.ts';
import { hostStatus } from '../../src/host/handover.ts';
import { systemCode } from '../../src/host/host-error.ts';

/** The bundled host and a place for homes; everything in it ends with `dispose`. */
export interface HostLab {
  readonly directory: string;
  readonly hostScript: string;
  /** A program that calls `ensureHost` with the JSON options of its first argument. */
  readonly ensureScript: string;
  /** Bundles a program of the tests like the host, into the lab's directory. */
  bundle(entry: string, outfile: string): Promise<void>;
  newHome(): string;
  options(home: string, changes?: Partial<EnsureHostOptions>): EnsureHostOptions;
  ensure(home: string, changes?: Partial<EnsureHostOptions>): Promise<RunningHost>;
  dispose(): Promise<void>;
}

/** Builds what ships, so that tests start real processes of it. */
export async function openHostLab(): Promise<HostLab> {
  const directory = await mkdtemp(path.join(tmpdir(), 'agent-world-host-life-'));
  const hostScript = path.join(directory, 'host.cjs');
  const ensureScript = path.join(directory, 'ensure.cjs');
  await Promise.all([
    bundle('src/host/main.ts', hostScript),
    bundle('test/harness/ensure-host-child.ts', ensureScript),
  ]);
  const homes: string[] = [];
  const options: HostLab['options'] = (home, changes) => ({
    home,
    hostScript,
    runtime: process.execPath,
    version: '1.0.0',
    log: silentLog,
    ...changes,
  });
  return {
    directory,
    hostScript,
    ensureScript,
    bundle,
    newHome() {
      const home = path.join(directory, `home ${homes.length}`);
      homes.push(home);
      return home;
    },
    options,
    ensure: (home, changes) => ensureHost(options(home, changes)),
    async dispose() {
      for (const home of homes) await killHost(home);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Kills the host of a home the hard way, if there is one, and waits for it to be gone. */
export async function killHost(home: string): Promise<void> {
  const status = await hostStatus({ home });
  if (status.state === 'stopped' || status.pid === undefined) return;
  const { pid } = status;
  killIfAlive(pid);
  await until(async () => {
    const now = await hostStatus({ home });
    // Whoever works with it may have started another one already.
    return now.state === 'stopped' || now.pid !== pid;
  });
}

export function killIfAlive(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error;
  }
}

/** Resolves once the condition holds; the test's own timeout is the bound. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(5);
}

/** Starts the host's program itself, so that its exit code can be seen. */
export function startHostProcess(lab: HostLab, home: string, ...argv: string[]): ChildProcess {
  const child = spawn(
    process.execPath,
    [lab.hostScript, '--home', home, '--version', '1.0.0', ...argv],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  child.stderr.resume();
  return child;
}

export async function recordOf(home: string) {
  return readHostRecord(homeAt(home));
}

export async function exitOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode ?? (child.signalCode as NodeJS.Signals);
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Bundles a module of the tests as `scripts/build.mjs` bundles the one that ships. */
export async function bundleModule(entry: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['import'],
    format: 'esm',
    target: 'es2022',
    external: ['spacetime:*'],
    logLevel: 'error',
  });
  const output = outputFiles[0];
  if (output === undefined) throw new Error(`nothing was built from ${entry}`);
  return output.contents;
}

async function bundle(entry: string, outfile: string): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
}
