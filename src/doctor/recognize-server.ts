import { callHost } from '../host/control-call.ts';
import { systemCode } from '../host/host-error.ts';
import type { EngineKind } from '../contract/rule.ts';
import { describeServer } from '../world/server-request.ts';
import { WorldError } from '../world/world-error.ts';

/** What answers at an address, once it is known to be a server that our module can run on. */
export interface RecognizedServer {
  readonly engine: EngineKind;
  /** Undefined where it does not say. */
  readonly version: string | undefined;
}

/**
 * Finds out what listens at an address. Throws `WorldError`: `unreachable` where nothing answers,
 * `bad_answer` for another program, `protocol_mismatch` for a SpacetimeDB of another major version.
 */
export async function recognizeServer(uri: string, signal: AbortSignal): Promise<RecognizedServer> {
  const ping = await ask(uri, 'v1/ping', signal);
  if (ping.status !== 200) throw otherProgram(uri, `it answers ${ping.status} to v1/ping`);
  const host = await callHost(uri, 'GET', 'health?nonce=', signal);
  if (host?.status === 200 && typeof host.body['pid'] === 'number') {
    return { engine: 'embedded', version: textOrNothing(host.body['version']) };
  }
  const version = versionIn((await ask(uri, 'v1/health', signal)).text);
  if (version !== undefined && /^[01]\./.test(version)) throw tooOld(uri, version);
  return { engine: 'spacetimedb', version };
}

/** A server that cannot run our module, since SpacetimeDB speaks another protocol before version 2. */
export function tooOld(uri: string, version = '1'): WorldError {
  return new WorldError(
    'protocol_mismatch',
    `${describeServer(uri)} runs SpacetimeDB ${version}; Agent World needs version 2`,
  );
}

export function otherProgram(uri: string, sign: string): WorldError {
  return new WorldError(
    'bad_answer',
    `Another program listens at ${describeServer(uri)}, no SpacetimeDB server: ${sign}`,
  );
}

const PATIENCE_MS = 5_000;

async function ask(
  uri: string,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly text: string }> {
  const timeout = AbortSignal.timeout(PATIENCE_MS);
  try {
    const answer = await fetch(new URL(path, uri), { signal: AbortSignal.any([signal, timeout]) });
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    if (signal.aborted) throw new WorldError('cancelled', 'Cancelled', { cause: error });
    const why = timeout.aborted ? 'ETIMEDOUT' : codeOf(error);
    throw new WorldError('unreachable', describeSilence(uri, why), { cause: error });
  }
}

function codeOf(error: unknown): string {
  const { cause } = error as { readonly cause?: unknown };
  return systemCode(cause) ?? 'no answer';
}

function describeSilence(uri: string, code: string): string {
  const server = describeServer(uri);
  switch (code) {
    case 'ECONNREFUSED':
      return `Nothing listens at ${server}: is the server started, and is it this port?`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `No machine is known by the name ${new URL(uri).hostname}`;
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return `${server} does not answer within ${PATIENCE_MS / 1000} s`;
    default:
      return /CERT|SELF_SIGNED|SIGNATURE/.test(code)
        ? `The certificate of ${server} is not one that this machine trusts (${code})`
        : `What listens at ${server} does not answer in HTTP (${code})`;
  }
}

function versionIn(text: string): string | undefined {
  try {
    const health: unknown = JSON.parse(text);
    return textOrNothing((health as { readonly version?: unknown } | null)?.version);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
