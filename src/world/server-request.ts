import { WorldError } from './world-error.ts';

export interface ServerRequest {
  /** Base address, ending with `/`. */
  readonly uri: string;
  /** Relative to the base, for instance `v1/identity`. */
  readonly path: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly token?: string;
  readonly body?: { readonly type: string; readonly content: string | Uint8Array<ArrayBuffer> };
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface ServerAnswer {
  readonly status: number;
  readonly text: string;
}

/** One HTTP request to a server. Throws `WorldError` `unreachable` or `cancelled`; any status is an answer. */
export async function askServer(request: ServerRequest): Promise<ServerAnswer> {
  const { uri, path, method, token, body, signal, timeoutMs = 30_000 } = request;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(new URL(path, uri), {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': body.type }),
      },
      ...(body === undefined ? {} : { body: body.content }),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    if (signal?.aborted) throw new WorldError('cancelled', 'Cancelled', { cause: error });
    throw new WorldError('unreachable', `No answer from ${describeServer(uri)}`, { cause: error });
  }
}

/** The JSON object of an answer, or an error with the server's own words. */
export function jsonOf(answer: ServerAnswer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(answer.text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new WorldError(
    'bad_answer',
    `The server's answer (${answer.status}) makes no sense: ${answer.text.slice(0, 200)}`,
  );
}

/** A server's address without the embedded host's key, fit for messages and logs. */
export function describeServer(uri: string): string {
  return new URL(uri).origin;
}
