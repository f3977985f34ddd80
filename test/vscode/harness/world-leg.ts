import fs from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../../scripts/setup/paths.mjs';
import { ensureHost } from '../../../src/host/launcher.ts';
import { silentLog } from '../../../src/host/log.ts';
import { startDelayProxy, type DelayProxy } from '../../harness/delay-proxy.ts';
import { givenServer } from '../../harness/given-server.ts';

/** The way between one or more clients and the server of their worlds, with a delay put into it. */
export interface WorldLeg {
  /** What makes a window take this way: give it as `env` to `openWindow`. */
  readonly env: Readonly<Record<string, string>>;
  readonly proxy: DelayProxy;
}

/**
 * Puts a delaying proxy before the server that the environment names, or else before the home's own host,
 * which is started where none runs. Close the proxy at the end.
 */
export async function startWorldLeg(home: string, delayMs = 0): Promise<WorldLeg> {
  const given = await givenServer()?.uri();
  return given === undefined ? toHost(home, delayMs) : toServer(new URL(given), delayMs);
}

async function toHost(home: string, delayMs: number): Promise<WorldLeg> {
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

/**
 * Worlds go by the address of their server, which all windows of a folder share: so the address stays,
 * and the window's connections to it are led through the proxy.
 */
async function toServer({ hostname: host, port: named }: URL, delayMs: number): Promise<WorldLeg> {
  const port = Number(named === '' ? 80 : named);
  const proxy = await startDelayProxy({ host, port }, delayMs);
  return {
    env: { AGENT_WORLD_TEST_WAY: JSON.stringify({ host, port, through: proxy.port }) },
    proxy,
  };
}
