import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { serverAt } from '../world/server-address.ts';
import { defaultHomePath } from '../host/home.ts';
import { ensureHost } from '../host/launcher.ts';
import { systemClock } from '../world/clock.ts';
import { EMBEDDED, fileIdentityStore } from '../world/identities.ts';
import type { WorldLog } from '../world/log.ts';
import type { Server, Surroundings } from '../world/open-folder.ts';
import { systemRandomBytes } from '../world/uuid.ts';
import { WorldList } from '../world/world-list.ts';

/** This machine as the extension sees it. */
export interface ExtensionSurroundings extends Surroundings {
  readonly home: string;
  /** The folder that the extension is installed in. */
  readonly installation: string;
  readonly version: string;
  /** Where worlds are made: this machine's own host, or the one that the environment names. */
  readonly defaultServer: Server;
  /** Where this user's own host is now; starts it where none runs. */
  readonly hostUri: (signal?: AbortSignal) => Promise<string>;
}

export interface SurroundingsOptions {
  readonly installation: string;
  readonly version: string;
  readonly log: WorldLog;
  /** `AGENT_WORLD_HOME`, or the user's data folder, when left out. */
  readonly home?: string;
}

/** Starts nothing: the host is started when its address is first asked for. */
export function openSurroundings(options: SurroundingsOptions): ExtensionSurroundings {
  const { installation, version, log, home = defaultHomePath() } = options;
  const hostUri = async (signal?: AbortSignal): Promise<string> => {
    const host = await ensureHost({
      home,
      hostScript: path.join(installation, 'dist', 'host.cjs'),
      runtime: process.execPath,
      version,
      log,
      ...(signal === undefined ? {} : { signal }),
    });
    return host.uri;
  };
  const embedded: Server = { label: EMBEDDED, uri: hostUri };
  const named = process.env['AGENT_WORLD_HOST_URI'];
  return {
    home,
    installation,
    version,
    hostUri,
    defaultServer: named ? serverAt(named) : embedded,
    identities: fileIdentityStore(home),
    worlds: new WorldList(home),
    clock: systemClock,
    random: Math.random,
    randomBytes: systemRandomBytes,
    log,
    serverFor: (label) => (label === EMBEDDED ? embedded : serverAt(label)),
    bundle: async () =>
      new Uint8Array(await readFile(path.join(installation, 'dist', 'module.js'))),
  };
}
