import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '../host/home.ts';
import { systemCode } from '../host/host-error.ts';
import { isNewerVersion } from '../host/host-version.ts';
import { personOf, type Surroundings } from './open-folder.ts';
import { askServer, describeServer, jsonOf } from './server-request.ts';
import { WorldError } from './world-error.ts';
import type { KnownWorld } from './world-list.ts';

/** How the module that a world runs stands to the one that this version brings. */
export type ModuleStanding =
  | 'current'
  | 'older'
  /** A later version of Agent World on this machine has published it. */
  | 'newer'
  /** Only whoever published the world could change it. */
  | 'not_ours'
  /** The server does not tell. */
  | 'unknown';

/** Throws `WorldError` `no_such_world` or `unreachable`. */
export async function moduleStanding(
  machine: Surroundings & { readonly version: string },
  { server: label, database }: Pick<KnownWorld, 'server' | 'database'>,
  signal?: AbortSignal,
): Promise<ModuleStanding> {
  const { home } = machine.worlds;
  const own = hashOfModule(await machine.bundle());
  const known = await remember(home, own, machine.version);
  const server = machine.serverFor(label);
  const uri = await server.uri(signal);
  const { identity } = await personOf(machine, server, signal);
  if ((await ownerOfDatabase(uri, database)) !== identity) return 'not_ours';
  const there = await programHash(uri, database);
  if (there === undefined) return 'unknown';
  if (there === own) return 'current';
  const version = known[there];
  return version !== undefined && isNewerVersion(version, machine.version) ? 'newer' : 'older';
}

export function hashOfModule(bundle: Uint8Array): string {
  return createHash('sha256').update(bundle).digest('hex');
}

/** The identity that published a database. Throws `WorldError` `no_such_world`. */
export async function ownerOfDatabase(uri: string, database: string): Promise<string> {
  const path = `v1/database/${encodeURIComponent(database)}`;
  const answer = await askServer({ uri, path, method: 'GET' });
  if (answer.status !== 200) {
    const message = `There is no world ${database} at ${describeServer(uri)}`;
    throw new WorldError('no_such_world', message);
  }
  const owner = (jsonOf(answer)['owner_identity'] ?? {}) as { readonly __identity__?: unknown };
  const { __identity__: identity } = owner;
  return typeof identity === 'string' ? identity.replace(/^0x/, '') : '';
}

/** Undefined where the server does not tell: SpacetimeDB itself leaves an equal module alone. */
export async function programHash(uri: string, database: string): Promise<string | undefined> {
  const path = `v1/database/${encodeURIComponent(database)}/program`;
  const answer = await askServer({ uri, path, method: 'GET' });
  const hash = answer.status === 200 ? jsonOf(answer)['hash'] : undefined;
  return typeof hash === 'string' ? hash : undefined;
}

/** Which version brought which module, as far as versions with this memory ran on this machine. */
async function remember(
  home: string,
  hash: string,
  version: string,
): Promise<Readonly<Record<string, string>>> {
  const file = path.join(home, 'modules.json');
  const known = await read(file);
  if (known[hash] !== undefined) return known;
  const next = { ...known, [hash]: version };
  await mkdir(home, { recursive: true, mode: 0o700 });
  await writeFileAtomically(file, `${JSON.stringify(next, null, 2)}\n`);
  return next;
}

async function read(file: string): Promise<Readonly<Record<string, string>>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
  } catch (error) {
    if (systemCode(error) === undefined && !(error instanceof SyntaxError)) throw error;
    return {};
  }
}
