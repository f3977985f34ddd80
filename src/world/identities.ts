import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { IdentityHex } from '../core/op.ts';
import { systemCode } from '../host/host-error.ts';
import { writeUnlessThere } from './private-file.ts';
import { askServer, jsonOf } from './server-request.ts';
import { WorldError } from './world-error.ts';

/** Who a client is towards a server. The token is a secret. */
export interface StoredIdentity {
  readonly identity: IdentityHex;
  readonly token: string;
}

/** Where identities are kept. `name` is `person`, or an agent's; letters, digits, `-` and `_`. */
export interface IdentityStore {
  read(server: string, name: string): Promise<StoredIdentity | undefined>;
  /** Keeps an identity, unless another is there already: returns the one that counts. */
  keep(server: string, name: string, identity: StoredIdentity): Promise<StoredIdentity>;
}

/** The server of one user's machine, whatever its address is at the moment. */
export const EMBEDDED = 'embedded';

/**
 * Finds the identity kept under a name, or has the server make one and keeps it. `server` is
 * `EMBEDDED` or the server's origin; tokens hold for one server only.
 */
export async function ensureIdentity(
  store: IdentityStore,
  server: string,
  name: string,
  uri: string,
): Promise<StoredIdentity> {
  return (
    (await store.read(server, name)) ?? (await store.keep(server, name, await newIdentity(uri)))
  );
}

/** Has a server make a new identity. Throws `WorldError`. */
export async function newIdentity(uri: string): Promise<StoredIdentity> {
  const answer = await askServer({ uri, path: 'v1/identity', method: 'POST' });
  const { identity, token } = jsonOf(answer);
  if (typeof identity !== 'string' || typeof token !== 'string' || !IDENTITY.test(identity)) {
    throw new WorldError('bad_answer', `The server made no identity (status ${answer.status})`);
  }
  return { identity: identity.toLowerCase(), token };
}

/** Keeps identities as files that only the user can read, under `home/identities/`. */
export function fileIdentityStore(home: string): IdentityStore {
  const directory = path.join(home, 'identities');
  const fileOf = async (server: string, name: string): Promise<string> => {
    if (!NAME.test(name)) throw new WorldError('bad_home', `Not a name for an identity: ${name}`);
    return path.join(directory, `${await serverKey(server)}.${name}.json`);
  };
  return {
    read: async (server, name) => readIdentity(await fileOf(server, name)),
    async keep(server, name, identity) {
      const file = await fileOf(server, name);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      // Two windows may start at once for the first time: one of them makes the identity of both.
      await writeUnlessThere(file, `${JSON.stringify(identity, null, 2)}\n`);
      const kept = await readIdentity(file);
      if (kept === undefined) throw new WorldError('bad_home', `${file} was removed while in use`);
      return kept;
    },
  };
}

const IDENTITY = /^[0-9a-fA-F]{64}$/;
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

async function serverKey(server: string): Promise<string> {
  if (server === EMBEDDED) return EMBEDDED;
  const { createHash } = await import('node:crypto');
  return createHash('sha256').update(server).digest('hex').slice(0, 16);
}

async function readIdentity(file: string): Promise<StoredIdentity | undefined> {
  let content: string;
  try {
    content = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const { identity, token } = parse(content, file);
  if (typeof identity === 'string' && typeof token === 'string') return { identity, token };
  throw new WorldError('bad_home', `${file} does not hold an identity`);
}

function parse(content: string, file: string): Partial<Record<string, unknown>> {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new WorldError('bad_home', `${file} does not hold an identity`, { cause: error });
  }
}
