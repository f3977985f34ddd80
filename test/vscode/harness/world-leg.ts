import fs from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../../scripts/setup/paths.mjs';
import { ensureHost } from '../../../src/host/launcher.ts';
import { silentLog } from '../../../src/host/log.ts';
import { startDelayProxy, type DelayProxy } from '../../harness/delay-proxy.ts';

/** The way between one or more clients and the embedded host of a home, with a delay put into it. */
export interface WorldLeg {
  /** What makes a window take this way: give it as `env` to `openWindow` or `startEditor`. */
  readonly env: Readonly<Record<'AGENT_WORLD_HOST_URI', string>>;
  readonly proxy: DelayProxy;
}

/** Starts the home's host where none runs, and a delaying proxy in front of it. Close the proxy at the end. */
export async function startWorldLeg(home: string, delayMs = 0): Promise<WorldLeg> {
  const manifest = fs.readFileSync(path.join(projectRoot, 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const host = await ensureHost({
    home,
    hostScript: path.join(projectRoot, 'dist', 'host.cjs'),
    runtime: process.execPath,
    version,
    log: silentLog,
  });
  const uri = new URL(host.uri);
  const proxy = await startDelayProxy({ port: Number(uri.port) }, delayMs);
  uri.port = String(proxy.port);
  return { env: { AGENT_WORLD_HOST_URI: uri.href }, proxy };
}
