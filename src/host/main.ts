import path from 'node:path';
import { parseArgs } from 'node:util';
import { yieldHelperThreads } from './helper-threads.ts';
import type { EngineOptions } from './engine.ts';
import { openHome, type Home } from './home.ts';
import { HostError } from './host-error.ts';
import { openFileLog } from './host-log.ts';
import { runHost } from './host-process.ts';
import { isHostVersion } from './host-version.ts';
import { collectOnceWhenIdle } from './idle-collection.ts';
import { describeOldRuntime, loadSqlite } from './sqlite-runtime.ts';
import type { ServerOptions } from './server.ts';
import { writeStartupReport } from './startup-report.ts';

/** Exit codes of the host, after `sysexits.h` where it has a fitting one. */
const EXIT = { ended: 0, badArguments: 64, runtimeTooOld: 69, failed: 70, alreadyRunning: 75 };

const DEFAULT_IDLE_EXIT_MS = 10 * 60_000;

interface HostArguments {
  readonly home: string;
  readonly version: string;
  readonly idleExitMs: number;
  readonly port: number;
}

async function main(): Promise<number> {
  yieldHelperThreads();
  collectOnceWhenIdle();
  // Meant for this process alone: a program started from here must not take itself for Node.
  delete process.env['ELECTRON_RUN_AS_NODE'];
  const { home: root, ...options } = parseHostArguments(process.argv.slice(2));
  const home = await openHome(root);
  try {
    await runReported(home, options);
    return EXIT.ended;
  } catch (error) {
    await writeStartupReport(home, error);
    throw error;
  }
}

async function runReported(home: Home, options: Omit<HostArguments, 'home'>): Promise<void> {
  refuseOldRuntime();
  // Only now: loading the engine loads node:sqlite.
  const { startServer } = await import('./server.ts');
  const log = openFileLog({ file: path.join(home.logs, 'host.log') });
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') log.warn(warning.name, { text: warning.message });
  });
  try {
    const hostScript = process.argv[1] ?? '';
    const signal = onSignals();
    const startHere = (server: ServerOptions) => startServer({ ...server, engine: forTests() });
    await runHost({ home, ...options, hostScript, log, startServer: startHere, signal });
  } catch (error) {
    log.error('host.failed', { error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

/** Lets tests of whole programs meet a host that tells clients late of what others did. */
function forTests(): Pick<EngineOptions, 'lateSeed'> {
  const seed = process.env['AGENT_WORLD_TEST_LATE'] ?? '';
  return /^\d+$/.test(seed) ? { lateSeed: Number(seed) } : {};
}

function refuseOldRuntime(): void {
  if (loadSqlite() !== undefined) return;
  const { node, electron } = process.versions;
  throw new HostError(
    'runtime_too_old',
    describeOldRuntime({ executable: process.execPath, node, electron }),
  );
}

function onSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => controller.abort());
  }
  return controller.signal;
}

function parseHostArguments(argv: string[]): HostArguments {
  const text = { type: 'string' } as const;
  const { home, version, ...numbers } = parseOptions(argv, {
    home: text,
    version: text,
    'idle-exit-ms': text,
    port: text,
  });
  if (home === undefined) throw new HostError('bad_arguments', 'Missing --home DIR');
  if (version === undefined || !isHostVersion(version)) {
    throw new HostError('bad_arguments', 'Missing or malformed --version V');
  }
  return {
    home: path.resolve(home),
    version,
    idleExitMs: parseWhole('idle-exit-ms', numbers['idle-exit-ms'], DEFAULT_IDLE_EXIT_MS, 1),
    port: parseWhole('port', numbers.port, 0, 0, 65_535),
  };
}

function parseOptions<Name extends string>(
  argv: string[],
  options: Record<Name, { readonly type: 'string' }>,
): Partial<Record<Name, string>> {
  try {
    const { values } = parseArgs({ args: argv, options, strict: true, allowPositionals: false });
    return values;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HostError('bad_arguments', reason, { cause: error });
  }
}

function parseWhole(
  name: string,
  text: string | undefined,
  absent: number,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): number {
  if (text === undefined) return absent;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new HostError('bad_arguments', `--${name} must be a whole number from ${least}: ${text}`);
}

function exitCodeOf(error: unknown): number {
  if (!(error instanceof HostError)) return EXIT.failed;
  if (error.code === 'bad_arguments') return EXIT.badArguments;
  if (error.code === 'runtime_too_old') return EXIT.runtimeTooOld;
  if (error.code === 'already_running') return EXIT.alreadyRunning;
  return EXIT.failed;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof HostError ? `${error.code}: ${error.message}` : error);
    process.exit(exitCodeOf(error));
  },
);
