import { build, type BuildOptions } from 'esbuild';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { setGlobalLogLevel } from 'spacetimedb';
import { silentLog } from '../../src/host/log.ts';
import { startServer, type HostServer, type ServerOptions } from '../../src/host/server.ts';
import { readProbeModules } from '../../src/contract/probe-modules.ts';
import { madeOnce } from '../harness/made-once.ts';

/** A server of either engine that the contract is tested against. */
export interface TestServer {
  /** Ends in a slash. */
  readonly uri: string;
  /** Null when the server is not ours to look into. */
  readonly embedded: EmbeddedServer | null;
  close(): Promise<void>;
}

export interface EmbeddedServer {
  readonly host: HostServer;
  readonly home: string;
  readonly key: string;
}

/** The server that `AGENT_WORLD_TEST_SERVER` names, or else an embedded host of its own. */
export async function openTestServer(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const given = process.env['AGENT_WORLD_TEST_SERVER'];
  if (given !== undefined) {
    return { uri: `${given.replace(/\/+$/, '')}/`, embedded: null, close: async () => {} };
  }
  const home = options.home ?? (await mkdtemp(path.join(tmpdir(), 'agent-world-engine-')));
  const key = randomBytes(32).toString('base64url');
  const late = lateSeed();
  const asServer = late === undefined ? {} : { lateSeed: late, limits: { queuedFrames: 16_384 } };
  const host = await startServer({
    home,
    key,
    port: 0,
    log: silentLog,
    version: '0.0.0',
    ...options,
    engine: { ...asServer, ...options.engine },
  });
  return {
    uri: `http://127.0.0.1:${host.port}/${key}/`,
    embedded: { host, home, key },
    async close() {
      await host.close();
      if (options.home === undefined) await rm(home, { recursive: true, force: true });
    },
  };
}

/**
 * In a third of all runs the host takes fewer pains than it could, as a server does: clients hear late
 * of what others did, and who sends too far ahead is cut off. `AGENT_WORLD_TEST_LATE` is a seed to
 * repeat such a run with, or `off`.
 */
function lateSeed(): number | undefined {
  const given = process.env['AGENT_WORLD_TEST_LATE'];
  if (given === 'off') return undefined;
  if (given !== undefined) return Number(given);
  if (randomInt(3) > 0) return undefined;
  const seed = randomInt(2 ** 32);
  console.log(`clients hear late: AGENT_WORLD_TEST_LATE=${seed}`);
  return seed;
}

const rules = fileURLToPath(new URL('../../src/contract/', import.meta.url));

/** The modules that the package ships for rules to publish. */
export const probeModules = readProbeModules(path.join(rules, '../../dist'));

/** Bundles a module's entry file the way modules are shipped. */
export function bundleModule(entry = path.join(rules, 'notes-module.ts')): Promise<string> {
  const name = `module-${createHash('sha256').update(entry).digest('hex')}`;
  return madeOnce(name, async (folder) => {
    await writeFile(path.join(folder, 'module.js'), await bundle({ entryPoints: [entry] }));
  }).then((folder) => readFile(path.join(folder, 'module.js'), 'utf8'));
}

/** Bundles a module that is written down in a test. */
export function bundleSource(contents: string): Promise<string> {
  return bundle({ stdin: { contents, loader: 'ts', resolveDir: rules } });
}

async function bundle(input: Pick<BuildOptions, 'entryPoints' | 'stdin'>): Promise<string> {
  const bundled = await build({
    ...input,
    bundle: true,
    write: false,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['import'],
    format: 'esm',
    target: 'es2022',
    external: ['spacetime:*'],
  });
  const [output] = bundled.outputFiles ?? [];
  if (output === undefined) throw new Error('nothing was bundled');
  return output.text;
}

setGlobalLogLevel('error');
