import { FIRST_MODULE_LEVEL } from '../core/module-level.ts';
import type { IdentityHex } from '../core/op.ts';
import { askServer, jsonOf } from './server-request.ts';
import { WorldError } from './world-error.ts';

/** The protocol that this client speaks. It also understands the one before. */
export const PROTOCOL_VERSION = 1;

export interface HelloQuestion {
  readonly uri: string;
  readonly database: string;
  /** Who is asked about; empty to ask about nobody. */
  readonly identity: IdentityHex;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** What a world's module says of itself and of one identity, before any connection. */
export interface Hello {
  readonly protocolVersion: number;
  /** What the module can do, as `core/module-level.ts` counts; 1 where it does not say. */
  readonly moduleLevel: number;
  readonly importing: boolean;
  /** Undefined where the module does not say. */
  readonly isMember: boolean | undefined;
  readonly removed: boolean;
}

/**
 * Asks a world's `hello` route. A number is the HTTP status of an answer that says nothing: 404 where
 * there is no world, or a database that is none. Throws `WorldError` `unreachable`, `not_a_world`.
 */
export async function askHello(question: HelloQuestion): Promise<Hello | number> {
  const { uri, database, identity, signal, timeoutMs = HELLO_MS } = question;
  const answer = await askServer({
    uri,
    path: `v1/database/${encodeURIComponent(database)}/route/hello?identity=${identity}`,
    method: 'GET',
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
  });
  if (answer.status !== 200) return answer.status;
  const hello = jsonOf(answer);
  const { protocol_version: protocolVersion, module_level: level, member } = hello;
  if (typeof protocolVersion !== 'number') throw notOurs(database);
  return {
    protocolVersion,
    moduleLevel: typeof level === 'number' ? level : FIRST_MODULE_LEVEL,
    importing: hello['importing'] === true,
    isMember: typeof member === 'boolean' ? member : undefined,
    removed: hello['removed'] === true,
  };
}

/** What is wrong with a world's protocol, if anything. */
export function checkProtocol(version: number): WorldError | undefined {
  if (version === PROTOCOL_VERSION || version === PROTOCOL_VERSION - 1) return undefined;
  const older = version < PROTOCOL_VERSION;
  return new WorldError(
    'protocol_mismatch',
    older
      ? `The world speaks protocol ${version}, too old for this Agent World; its owner can upgrade it`
      : `The world speaks protocol ${version}; update Agent World to work in it`,
  );
}

export function notOurs(database: string): WorldError {
  return new WorldError('not_a_world', `The database ${database} is not a world of Agent World`);
}

const HELLO_MS = 10_000;
