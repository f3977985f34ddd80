import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { defaultHomePath } from '../host/home.ts';
import { systemClock } from '../world/clock.ts';
import { EMBEDDED, fileIdentityStore } from '../world/identities.ts';
import { silentLog } from '../world/log.ts';
import type { Server, Surroundings } from '../world/open-folder.ts';
import { serverAt } from '../world/server-address.ts';
import { tellIfLong, type Wait } from '../world/tell-waits.ts';
import { systemRandomBytes } from '../world/uuid.ts';
import { WorldError } from '../world/world-error.ts';
import { WorldList } from '../world/world-list.ts';

/** This machine as commands see it. */
export interface Machine extends Surroundings {
  readonly home: string;
  readonly version: string;
  /** Where this machine's own host is now; starts it where none runs. */
  readonly hostUri: (signal?: AbortSignal) => Promise<string>;
  /** Where worlds are made unless a server is named. */
  readonly defaultServer: Server;
  /** Where Agent World is installed: the folder that holds `dist`. */
  readonly installation: string;
}

/**
 * Reads the surroundings; starts nothing. `home` is `AGENT_WORLD_HOME` unless given; `onWait` is told
 * what a command waits for, once that takes long.
 */
export async function openMachine(
  home: string = defaultHomePath(),
  onWait: (wait: Wait) => void = () => {},
): Promise<Machine> {
  const installation = installationOf(process.argv[1] ?? '');
  const version = await versionOf(installation);
  const hostUri = async (signal?: AbortSignal): Promise<string> => {
    // It starts programs and speaks HTTP: an agent's server answers before it is loaded.
    const { ensureHost } = await import('../host/launcher.ts');
    const starting = ensureHost({
      home,
      hostScript: path.join(installation, 'dist', 'host.cjs'),
      runtime: process.execPath,
      version,
      log: silentLog,
      ...(signal === undefined ? {} : { signal }),
    });
    return (await tellIfLong(systemClock, starting, () => onWait('host'))).uri;
  };
  const embedded: Server = { label: EMBEDDED, uri: hostUri };
  const named = process.env['AGENT_WORLD_HOST_URI'];
  return {
    home,
    version,
    installation,
    hostUri,
    onWait,
    // A host named by the environment has keys of its own, and so identities of its own.
    defaultServer: named ? serverAt(named) : embedded,
    identities: fileIdentityStore(home),
    worlds: new WorldList(home),
    clock: systemClock,
    random: Math.random,
    randomBytes: systemRandomBytes,
    log: silentLog,
    serverFor: (label) => (label === EMBEDDED ? embedded : serverAt(label)),
    bundle: () => readBundle(path.join(installation, 'dist', 'module.js')),
  };
}

function installationOf(script: string): string {
  const folder = path.dirname(path.resolve(script));
  return path.dirname(folder);
}

async function versionOf(installation: string): Promise<string> {
  const manifest = JSON.parse(await readFile(path.join(installation, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return manifest.version;
}

async function readBundle(file: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!existsSync(file)) {
    throw new WorldError(
      'bad_module',
      `${file} is missing; build Agent World, or install it again`,
    );
  }
  return new Uint8Array(await readFile(file));
}
